// SPDX-License-Identifier: Apache-2.0
/** What agent and server say to each other (DESIGN §4.6, docs/adr/0008): HTTPS, JSON. */
@NullMarked
package dev.chaperone.model.sync;

import org.jspecify.annotations.NullMarked;
