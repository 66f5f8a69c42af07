// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector;

/**
 * A refusal as the person will read it.
 *
 * @param id short id that {@code events} and {@code answer} know
 * @param message plain sentences; no value from the prompt
 * @param code stable error code {@code CHP-<area>-<nnn>}
 */
public record Refusal(String id, String message, String code) {}
