// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.model.prompt;

/** Where a segment of a prompt comes from. */
public enum Origin {
    /** Typed by the person: the last turn with a user role. */
    USER,
    /** Pasted by the person, where the client says so. */
    PASTED,
    /** The content of an attached file. */
    FILE,
    /** System or developer instructions. */
    SYSTEM,
    /** An earlier turn that the client sends again. */
    HISTORY,
    /** What a tool returned to the model. */
    TOOL_RESULT,
    /** The description or schema of a tool. */
    TOOL_DESCRIPTION,
    /** The arguments of a tool call. */
    TOOL_CALL,
    /** Text that the model produced. */
    MODEL_OUTPUT
}
