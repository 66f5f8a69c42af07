// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.mdm;

/** What a kit is for, as the command line names it. */
public enum Platform {
    windows,
    macos,
    linux
}
