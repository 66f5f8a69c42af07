// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.config;

/** A configuration that cannot be used. The message is one line: file, line, key and remedy. */
public final class ConfigException extends Exception {
    private static final long serialVersionUID = 1L;

    public ConfigException(String message) {
        super(message);
    }
}
