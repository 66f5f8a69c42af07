// SPDX-License-Identifier: Apache-2.0
/**
 * The passive monitor: sees connections to AI services that do not come through the proxy. Runs in
 * a process of its own ({@link dev.chaperone.inspector.monitor.MonitorProcess}), off unless policy
 * asks for it; hosts that are not watched are forgotten as soon as their name was read.
 * docs/adr/0020.
 */
@org.jspecify.annotations.NullMarked
package dev.chaperone.inspector.monitor;
