// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.body;

/** A value of a document. Built on one thread, then only read. */
public sealed interface JsonValue permits JsonObject, JsonArray, JsonScalar, Text {}
