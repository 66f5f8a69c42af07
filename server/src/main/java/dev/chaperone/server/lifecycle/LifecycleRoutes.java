// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.lifecycle;

import dev.chaperone.model.sync.LifecycleBatch;
import dev.chaperone.server.admin.AdminKeys;
import dev.chaperone.server.admin.Audit;
import dev.chaperone.server.enrol.ClientCertificates;
import dev.chaperone.server.enrol.Device;
import dev.chaperone.server.enrol.Devices;
import dev.chaperone.server.http.Bodies;
import dev.chaperone.server.http.Json;
import dev.chaperone.server.http.Problem;
import dev.chaperone.server.http.Replies;
import dev.chaperone.server.store.Storage;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.Optional;

/** Lifecycle logs: devices deliver them, administrators read them. */
public final class LifecycleRoutes {
    private static final int MAX_BODY = 512 << 10;

    private final Storage storage;
    private final LifecycleDesk desk;
    private final ClientCertificates clients;
    private final AdminKeys admins;
    private final Audit audit;

    public LifecycleRoutes(
            Storage storage,
            LifecycleDesk desk,
            ClientCertificates clients,
            AdminKeys admins,
            Audit audit) {
        this.storage = storage;
        this.desk = desk;
        this.clients = clients;
        this.admins = admins;
        this.audit = audit;
    }

    public void agents(HttpRouting.Builder routing) {
        routing.post("/v1/lifecycle", this::take);
    }

    public void console(HttpRouting.Builder routing) {
        routing.get("/api/v1/devices/{id}/lifecycle", this::show);
    }

    private void take(ServerRequest request, ServerResponse response) throws InterruptedException {
        Device device = clients.require(request);
        LifecycleBatch batch = Json.read(Bodies.read(request, MAX_BODY), LifecycleBatch.class);
        Replies.json(response, 200, desk.take(device, batch));
    }

    private void show(ServerRequest request, ServerResponse response) throws InterruptedException {
        String actor = admins.require(request);
        String id = request.path().pathParameters().get("id");
        if (!id.matches("[0-9a-f-]{36}")) {
            throw Problem.notFound("there is no such device");
        }
        audit.record(actor, "read lifecycle", "device " + id);
        Optional<LifecycleDesk.Kept> kept =
                storage.read(c -> {
                    Optional<Device> device = Devices.byId(c, id);
                    return device.isEmpty()
                            ? Optional.empty()
                            : Optional.of(LifecycleDesk.of(c, device.get().n()));
                });
        Replies.json(
                response, 200, kept.orElseThrow(() -> Problem.notFound("there is no such device")));
    }
}
