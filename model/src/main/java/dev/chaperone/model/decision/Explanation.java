// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.model.decision;

/**
 * Why a decision was taken, for the person.
 *
 * @param message one or two plain sentences; holds no value from the prompt
 * @param coaching id of the coaching text, or empty
 */
public record Explanation(String message, String coaching) {}
