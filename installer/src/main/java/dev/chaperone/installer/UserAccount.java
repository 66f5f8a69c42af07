// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.installer;

import java.nio.file.Path;

/**
 * A person's account.
 *
 * @param name login name
 * @param uid user id
 * @param home home folder; it exists
 */
public record UserAccount(String name, int uid, Path home) {}
