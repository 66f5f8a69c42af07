// SPDX-License-Identifier: Apache-2.0
/** Batches of events and states of devices, stored once, with roll-ups in the same transaction. */
@NullMarked
package dev.chaperone.server.ingest;

import org.jspecify.annotations.NullMarked;
