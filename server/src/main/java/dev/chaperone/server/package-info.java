// SPDX-License-Identifier: Apache-2.0
/**
 * The Chaperone server: composition and data folder. Devices enrol, fetch policies and deliver
 * events; administrators publish and read reports.
 */
@NullMarked
package dev.chaperone.server;

import org.jspecify.annotations.NullMarked;
