// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.model.ipc;

import dev.chaperone.model.decision.Action;
import java.util.UUID;

/**
 * Params of {@link Ipc#NOTIFY}: something was decided about a message of this user that needs no
 * answer but should be known. Holds no text of the prompt.
 *
 * @param id the event
 * @param service the service's id
 * @param app the program that sent
 * @param action what became of it: warn (sent), redact (sent without what was found) or block
 * @param message one sentence what and why
 */
public record Notice(UUID id, String service, String app, Action action, String message) {}
