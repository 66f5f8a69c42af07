// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.policies.bundle;

/** An envelope that is not to be used. The message says why and quotes nothing of it. */
public final class BundleException extends Exception {
    private static final long serialVersionUID = 1L;

    BundleException(String message) {
        super(message);
    }
}
