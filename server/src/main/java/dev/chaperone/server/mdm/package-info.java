// SPDX-License-Identifier: Apache-2.0
/**
 * The files by which Intune, Jamf, Group Policy and apt bring Chaperone to a fleet: values in,
 * files out. Called by {@code chaperone admin mdm-kit}. Knows neither the server's storage nor its
 * HTTP interface; only {@link KitFolder} touches a disk.
 */
@NullMarked
package dev.chaperone.server.mdm;

import org.jspecify.annotations.NullMarked;
