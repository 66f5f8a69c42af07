// SPDX-License-Identifier: Apache-2.0
/**
 * Which placeholder stands for which value: numbering (DESIGN §4.10), the mapping that is kept on
 * the device, and what comes back in an answer (docs/adr/0012-restore.md). Called by the pipeline;
 * knows no protocol.
 */
@NullMarked
package dev.chaperone.agent.restore;

import org.jspecify.annotations.NullMarked;
