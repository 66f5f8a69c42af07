// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.model.ipc;

/**
 * Params of {@link Ipc#STATUS}.
 *
 * @param open how many questions of this user are open
 */
public record AgentStatus(int open) {}
