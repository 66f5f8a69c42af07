// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.sync;

import dev.chaperone.agent.os.WholeFile;
import dev.chaperone.policies.PolicyDocument;
import dev.chaperone.policies.PolicyEngine;
import dev.chaperone.policies.PolicyFormatException;
import dev.chaperone.policies.bundle.BundleException;
import dev.chaperone.policies.bundle.BundleKeys;
import dev.chaperone.policies.bundle.BundleVerifier;
import dev.chaperone.policies.bundle.VerifiedBundle;
import dev.chaperone.policies.bundle.VerifiedBundle.Step;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The policy bundles of a device (DESIGN §4.3): {@code current} and {@code previous} envelope, and
 * the highest version that was verified, which is durable before its bundle is used. Nothing in the
 * folder is believed without its signature. For one thread.
 */
public final class BundleKeeper {
    private static final String CURRENT = "current.json";
    private static final String PREVIOUS = "previous.json";
    private static final String VERSION = "highest-version";

    private final Path folder;
    private final BundleVerifier verifier;
    private final String keyId;
    private final InstantSource clock;
    private @Nullable VerifiedBundle current;
    private @Nullable String refused;

    /** Whether current.json holds {@link #current}. */
    private boolean currentFileGood;

    /** How the policy in force stands. */
    public enum State {
        /** No bundle yet: the shipped policy, or the one given at start. */
        NONE,
        FRESH,
        /** Past its expiry: still in force, since no policy would protect less, and said so. */
        EXPIRED,
        /** The server offered what may not be used: the last good one is in force. */
        REFUSED
    }

    /** A bundle that is in force now. */
    public record InForce(long version, PolicyEngine engine, PolicyDocument document) {}

    public BundleKeeper(Path dataDir, ServerLink link, InstantSource clock) throws IOException {
        this.folder = dataDir.resolve("bundles");
        this.clock = clock;
        Files.createDirectories(folder);
        try {
            var key = BundleKeys.publicKey(Base64.getDecoder().decode(link.policyKey()));
            this.verifier = new BundleVerifier(List.of(key));
            this.keyId = BundleKeys.id(key);
        } catch (IllegalArgumentException e) {
            throw new IOException("server.json is damaged; enrol again: chaperone enroll TOKEN", e);
        }
    }

    /** The bundle of the last run, verified again; the previous one when the current is damaged. */
    public Optional<InForce> load() throws IOException {
        for (String name : List.of(CURRENT, PREVIOUS)) {
            Path file = folder.resolve(name);
            if (!Files.exists(file)) {
                continue;
            }
            try {
                VerifiedBundle bundle = verifier.verify(Files.readAllBytes(file));
                InForce inForce = compile(bundle);
                current = bundle;
                currentFileGood = name.equals(CURRENT);
                sayIfOlder();
                return Optional.of(inForce);
            } catch (BundleException | PolicyFormatException e) {
                refused = name + ": " + e.getMessage();
            }
        }
        sayIfOlder();
        return Optional.empty();
    }

    /** Files that were put back are said; the server's next offer mends them. */
    private void sayIfOlder() throws IOException {
        long highest = highest().version;
        if (refused == null && version() < highest) {
            refused =
                    "the files hold version "
                            + version()
                            + ", version "
                            + highest
                            + " was in force before";
        }
    }

    /**
     * Takes what the server offers, when it may be used.
     *
     * @return empty when it may not, or is the one in force; {@link #problem} says why
     */
    public Optional<InForce> offer(byte[] envelope) throws IOException {
        try {
            VerifiedBundle bundle = verifier.verify(envelope);
            if (current != null
                    && bundle.after(current.bundle().version(), current.digest()) == Step.SAME
                    && current.bundle().version() == highest().version) {
                refused = null;
                return Optional.empty();
            }
            Highest highest = highest();
            Step step = bundle.after(highest.version, highest.digest);
            // The same once more is what repairs a current.json that was damaged.
            if (step != Step.FORWARD && step != Step.SAME) {
                refused =
                        "version "
                                + bundle.bundle().version()
                                + " was offered after version "
                                + highest.version
                                + ": a policy is never rolled back or forked";
                return Optional.empty();
            }
            if (bundle.expired(clock.instant())) {
                refused = "version " + bundle.bundle().version() + " had expired when it came";
                return Optional.empty();
            }
            InForce inForce = compile(bundle);
            keep(bundle, envelope);
            return Optional.of(inForce);
        } catch (BundleException | PolicyFormatException e) {
            refused = String.valueOf(e.getMessage());
            return Optional.empty();
        }
    }

    private static InForce compile(VerifiedBundle bundle) {
        PolicyDocument document =
                PolicyDocument.parse(
                        bundle.bundle().policy().getBytes(StandardCharsets.UTF_8),
                        "bundle " + bundle.bundle().version());
        return new InForce(bundle.bundle().version(), PolicyEngine.compile(document), document);
    }

    /** The version first: a crash in between leaves the old bundle, never a way back. */
    private void keep(VerifiedBundle bundle, byte[] envelope) throws IOException {
        WholeFile.replace(
                folder.resolve(VERSION),
                (keyId + " " + bundle.bundle().version() + " " + bundle.digest())
                        .getBytes(StandardCharsets.US_ASCII));
        if (currentFileGood && Files.exists(folder.resolve(CURRENT))) {
            Files.copy(
                    folder.resolve(CURRENT),
                    folder.resolve(PREVIOUS),
                    StandardCopyOption.REPLACE_EXISTING);
        }
        WholeFile.replace(folder.resolve(CURRENT), envelope);
        current = bundle;
        currentFileGood = true;
        refused = null;
    }

    /**
     * The highest version this key ever signed for this device.
     *
     * @param version 0 for none
     * @param digest of its bytes, or empty
     */
    private record Highest(long version, String digest) {}

    private Highest highest() throws IOException {
        Path file = folder.resolve(VERSION);
        Highest known =
                current == null
                        ? new Highest(0, "")
                        : new Highest(current.bundle().version(), current.digest());
        if (!Files.exists(file)) {
            return known;
        }
        String[] parts = Files.readString(file, StandardCharsets.US_ASCII).strip().split(" ", -1);
        try {
            if (parts.length < 2 || !parts[0].equals(keyId)) {
                return known;
            }
            long version = Long.parseLong(parts[1]);
            return version > known.version
                    ? new Highest(version, parts.length > 2 ? parts[2] : "")
                    : known;
        } catch (NumberFormatException e) {
            return known;
        }
    }

    /** Version in force; 0 for none. */
    public long version() {
        return current == null ? 0 : current.bundle().version();
    }

    public State state() {
        if (refused != null) {
            return State.REFUSED;
        }
        if (current == null) {
            return State.NONE;
        }
        return current.expired(clock.instant()) ? State.EXPIRED : State.FRESH;
    }

    /** Why the last offer or the stored bundle was refused; null when it was not. */
    public @Nullable String problem() {
        return refused;
    }
}
