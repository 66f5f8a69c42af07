// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.ingest;

import dev.chaperone.model.sync.DeviceStatus;
import dev.chaperone.model.sync.EventBatch;
import dev.chaperone.server.enrol.ClientCertificates;
import dev.chaperone.server.enrol.Device;
import dev.chaperone.server.enrol.Issuing;
import dev.chaperone.server.http.Bodies;
import dev.chaperone.server.http.Json;
import dev.chaperone.server.http.Problem;
import dev.chaperone.server.http.Replies;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.concurrent.Semaphore;

/** {@code POST /v1/events} and {@code POST /v1/status} on the agents' listener. */
public final class IngestRoutes {
    /** Batches being parsed and stored at a time; each may take several MB. */
    private static final int IN_HAND = 16;

    private static final int MAX_STATUS = 64 << 10;

    private final ClientCertificates clients;
    private final Ingest ingest;
    private final StatusDesk states;
    private final Issuing issuing;
    private final InFlight inFlight = new InFlight();
    private final Semaphore inHand = new Semaphore(IN_HAND);

    public IngestRoutes(
            ClientCertificates clients, Ingest ingest, StatusDesk states, Issuing issuing) {
        this.clients = clients;
        this.ingest = ingest;
        this.states = states;
        this.issuing = issuing;
    }

    public void agents(HttpRouting.Builder routing) {
        routing.post("/v1/events", this::events);
        routing.post("/v1/status", this::status);
    }

    private void events(ServerRequest request, ServerResponse response)
            throws InterruptedException {
        Device device = clients.require(request);
        inFlight.enter(device.n());
        try {
            store(device, Bodies.receive(request, EventBatch.MAX_BYTES), response);
        } finally {
            inFlight.leave(device.n());
        }
    }

    private void store(Device device, Bodies.Sent body, ServerResponse response)
            throws InterruptedException {
        if (!inHand.tryAcquire()) {
            throw Problem.overloaded();
        }
        try {
            EventBatch batch = Json.read(body.decoded(), EventBatch.class);
            EventCheck.require(batch);
            switch (ingest.store(device, batch)) {
                case Ingest.Result.Stored(var mark) -> Replies.json(response, 200, mark);
                case Ingest.Result.Gap(var mark) -> Replies.json(response, 409, mark);
                case Ingest.Result.Clone(long seq) ->
                        throw new Problem(
                                409,
                                "CHP-SRV-006",
                                "another event is stored under number "
                                        + seq
                                        + ": two devices use one identity; enrol this one anew");
            }
        } finally {
            inHand.release();
        }
    }

    private void status(ServerRequest request, ServerResponse response)
            throws InterruptedException {
        Device device = clients.require(request);
        states.store(device, Json.read(Bodies.read(request, MAX_STATUS), DeviceStatus.class));
        Replies.json(response, 200, new DeviceStatus.Answer(issuing.state()));
    }
}
