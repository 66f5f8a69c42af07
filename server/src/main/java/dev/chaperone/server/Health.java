// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server;

import dev.chaperone.server.http.Problem;
import dev.chaperone.server.http.Replies;
import dev.chaperone.server.store.Sql;
import dev.chaperone.server.store.Storage;
import dev.chaperone.server.store.StorageException;
import io.helidon.webserver.http.HttpRouting;
import java.util.Map;

/** {@code /livez}: the process answers. {@code /readyz}: the database gives its write lock. */
final class Health {
    private final Storage storage;

    Health(Storage storage) {
        this.storage = storage;
    }

    void console(HttpRouting.Builder routing) {
        routing.get(
                "/livez", (_, response) -> Replies.json(response, 200, Map.of("status", "alive")));
        routing.get(
                "/readyz",
                (_, response) -> {
                    try {
                        storage.write(c -> Sql.number(c, "select 1"));
                    } catch (StorageException e) {
                        throw new Problem(503, "CHP-SRV-004", "the database does not answer");
                    }
                    Replies.json(response, 200, Map.of("status", "ready"));
                });
    }
}
