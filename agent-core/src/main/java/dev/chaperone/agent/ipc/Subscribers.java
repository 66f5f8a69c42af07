// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.ipc;

import dev.chaperone.agent.coach.CoachingDesk;
import dev.chaperone.agent.coach.DeskListener;
import dev.chaperone.model.ipc.Notice;
import dev.chaperone.model.ipc.Question;
import dev.chaperone.model.ipc.Settled;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The connections that are open, and which of them are told of questions: each of its own user's
 * only. Thread-safe.
 */
final class Subscribers implements DeskListener {
    private final CoachingDesk desk;
    private final int maxConnections;
    private final int maxOfUser;
    private final Map<IpcConnection, Long> connections = new ConcurrentHashMap<>();
    private final Map<IpcConnection, Long> subscribed = new ConcurrentHashMap<>();

    /**
     * @param maxOfUser so that no user can keep the others out
     */
    Subscribers(CoachingDesk desk, int maxConnections, int maxOfUser) {
        this.desk = desk;
        this.maxOfUser = maxOfUser;
        this.maxConnections = maxConnections;
    }

    /** False when too many are open, of all users or of this one. */
    synchronized boolean opened(IpcConnection connection, long uid) {
        long own = connections.values().stream().filter(u -> u == uid).count();
        if (connections.size() >= maxConnections || own >= maxOfUser) {
            return false;
        }
        connections.put(connection, uid);
        return true;
    }

    void closed(IpcConnection connection) {
        connections.remove(connection);
        Long uid = subscribed.remove(connection);
        if (uid != null) {
            desk.leave(uid);
        }
    }

    void subscribe(IpcConnection connection, long uid) {
        if (subscribed.put(connection, uid) == null) {
            desk.attend(uid);
        }
    }

    @Override
    public void asked(Question question) {
        subscribed.forEach((connection, uid) -> {
            if (uid == question.uid()) {
                connection.ask(question);
            }
        });
    }

    void tell(long uid, Notice notice) {
        subscribed.forEach((connection, subscriber) -> {
            if (subscriber == uid) {
                connection.tell(notice);
            }
        });
    }

    void examine() {
        subscribed.keySet().forEach(IpcConnection::examine);
    }

    @Override
    public void settled(long owner, Settled settled) {
        subscribed.forEach((connection, uid) -> {
            if (uid == owner) {
                connection.settle(settled);
            }
        });
    }
}
