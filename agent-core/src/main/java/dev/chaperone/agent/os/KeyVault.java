// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.os;

import java.io.IOException;
import java.util.Optional;

/**
 * Keeps the device's secrets: the root's private key and the store's data key. One implementation
 * per operating system (keychain, DPAPI, TPM); the file implementation works everywhere and says so
 * in {@code doctor}. Thread-safe.
 */
public interface KeyVault {
    /**
     * Reads a secret.
     *
     * @param name lower case letters and dashes
     */
    Optional<byte[]> get(String name) throws IOException;

    /** Writes a secret; it is durable when this returns. */
    void put(String name, byte[] secret) throws IOException;

    /** Deletes a secret, and what a killed {@link #put} of it left; nothing when there is none. */
    void remove(String name) throws IOException;

    /** How it protects, for {@code doctor}: one line. */
    String describe();

    /** True when another process of the same user cannot read the secrets. */
    boolean sealed();
}
