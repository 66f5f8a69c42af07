// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.policies.catalogue;

/** The JSON Schema of a service file, applied to files that did not pass the build. */
final class CatalogueSchema {
    private CatalogueSchema() {}

    static void check(byte[] json, String source) {}
}
