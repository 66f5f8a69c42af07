// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.tls;

import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Which trust anchors vouched for upstreams of opened hosts lately, newest first: an anchor that an
 * administrator added here means that somebody else opens the same connections. No host names.
 * Thread-safe.
 */
public final class UpstreamAnchors {
    private static final int MOST = 16;

    /** An anchor that is seen all the time is told this often. */
    private static final Duration TELL_AGAIN = Duration.ofMinutes(1);

    private final Deque<Seen> seen = new ArrayDeque<>();
    private volatile Consumer<List<Seen>> listener = _ -> {};

    /**
     * An anchor that a verified chain ended at.
     *
     * @param last when it did so last, a minute exact
     */
    public record Seen(X509Certificate anchor, Instant last) {}

    /** Who is told when an anchor is new or was not told of for a minute; one at most. */
    public void listen(Consumer<List<Seen>> told) {
        listener = told;
    }

    /** The last ones, newest first. */
    public synchronized List<Seen> last() {
        return List.copyOf(seen);
    }

    /**
     * Notes the anchor of a chain that was verified already.
     *
     * @param chain as the upstream sent it, the leaf first
     * @param anchors those it was verified against
     */
    void verified(X509Certificate[] chain, List<X509Certificate> anchors) {
        anchor(chain, anchors).filter(this::note).ifPresent(_ -> listener.accept(last()));
    }

    private synchronized boolean note(X509Certificate anchor) {
        Instant now = Instant.now();
        for (Seen one : seen) {
            if (one.anchor().equals(anchor) && now.isBefore(one.last().plus(TELL_AGAIN))) {
                return false;
            }
        }
        boolean known = seen.removeIf(s -> s.anchor().equals(anchor));
        if (!known && seen.size() == MOST) {
            Seen ignored = seen.removeLast();
        }
        seen.addFirst(new Seen(anchor, now));
        return true;
    }

    /**
     * Where a chain ends: the first anchor that signed one of its certificates, from the leaf up.
     * The JDK's trust manager does not say which one it took.
     */
    static Optional<X509Certificate> anchor(
            X509Certificate[] chain, List<X509Certificate> anchors) {
        List<X509Certificate> left = new ArrayList<>(Arrays.asList(chain));
        X509Certificate current = left.removeFirst();
        while (true) {
            X509Certificate issued = current;
            if (anchors.contains(issued)) {
                return Optional.of(issued);
            }
            Optional<X509Certificate> signer =
                    anchors.stream().filter(a -> signed(a, issued)).findFirst();
            if (signer.isPresent()) {
                return signer;
            }
            Optional<X509Certificate> next =
                    left.stream().filter(c -> signed(c, issued)).findFirst();
            if (next.isEmpty()) {
                return Optional.empty();
            }
            current = next.get();
            boolean ignored = left.remove(current);
        }
    }

    private static boolean signed(X509Certificate issuer, X509Certificate issued) {
        if (!issuer.getSubjectX500Principal().equals(issued.getIssuerX500Principal())) {
            return false;
        }
        try {
            issued.verify(issuer.getPublicKey());
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }
}
