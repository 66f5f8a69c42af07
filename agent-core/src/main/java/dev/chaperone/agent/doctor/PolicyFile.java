// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/** A browser's policy file. */
final class PolicyFile {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private PolicyFile() {}

    /** What it holds; a missing node when it is not there, not readable or no JSON. */
    static JsonNode read(Path file) {
        try {
            return Files.isReadable(file)
                    ? JSON.readTree(Files.readAllBytes(file))
                    : MissingNode.getInstance();
        } catch (IOException | JacksonException e) {
            return MissingNode.getInstance();
        }
    }
}
