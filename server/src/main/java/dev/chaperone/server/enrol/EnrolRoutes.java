// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.enrol;

import dev.chaperone.model.sync.Enrolment;
import dev.chaperone.model.sync.Issuance;
import dev.chaperone.server.http.Bodies;
import dev.chaperone.server.http.Json;
import dev.chaperone.server.http.Replies;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;

/** {@code POST /v1/enroll}, {@code POST /v1/renew} and {@code POST /v1/certificates}. */
public final class EnrolRoutes {
    /**
     * With the names of every service, of which those that ship take 5 KB; anybody may send one.
     */
    private static final int MAX_ENROLMENT = 64 << 10;

    private static final int MAX_ISSUANCE = 256 << 10;

    private final EnrolmentDesk desk;
    private final ClientCertificates clients;
    private final Issuing issuing;

    public EnrolRoutes(EnrolmentDesk desk, ClientCertificates clients, Issuing issuing) {
        this.desk = desk;
        this.clients = clients;
        this.issuing = issuing;
    }

    /** The console listener's part. */
    public void console(HttpRouting.Builder routing) {
        routing.post(
                "/v1/enroll",
                (request, response) -> Replies.json(response, 200, desk.enrol(body(request))));
    }

    /** The agents' listener's part. */
    public void agents(HttpRouting.Builder routing) {
        routing.post(
                "/v1/renew",
                (request, response) -> {
                    Device device = clients.requireForRenewal(request);
                    Replies.json(response, 200, desk.renew(device, body(request)));
                });
        routing.post(
                "/v1/certificates",
                (request, response) -> {
                    Device device = clients.require(request);
                    Issuance.Request asked =
                            Json.read(Bodies.read(request, MAX_ISSUANCE), Issuance.Request.class);
                    Replies.json(response, 200, issuing.sign(device, asked));
                });
    }

    private static Enrolment.Request body(ServerRequest request) {
        return Json.read(Bodies.read(request, MAX_ENROLMENT), Enrolment.Request.class);
    }
}
