// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.model.finding;

/**
 * An attempt to steer the model against its operator or user.
 *
 * @param kind for example {@code indirect_injection}
 * @param segment index of the segment
 * @param span where in the segment
 * @param score in [0, 1]
 */
public record Threat(String kind, int segment, Span span, double score) {}
