// SPDX-License-Identifier: Apache-2.0
/** What is collected about a person, and every exception in force (DESIGN §2 rules 10 and 12). */
@NullMarked
package dev.chaperone.agent.ledger;

import org.jspecify.annotations.NullMarked;
