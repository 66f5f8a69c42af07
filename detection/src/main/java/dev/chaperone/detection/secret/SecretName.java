// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection.secret;

import java.util.Locale;
import java.util.Set;

/** What the name of a variable, header or field says about its value. */
enum SecretName {
    /**
     * Nothing, or that the value only belongs to a secret: its length, its file, its public half.
     */
    NONE,
    PASSWORD,
    /** A token, secret or API key. */
    SECRET,
    /** A bare "key" or an identifier of a client: more is asked of the value. */
    WEAK;

    private static final Set<String> ABOUT =
            Set.of(
                    "path",
                    "file",
                    "filename",
                    "url",
                    "uri",
                    "length",
                    "count",
                    "limit",
                    "max",
                    "min",
                    "total",
                    "usage",
                    "expiry",
                    "expires",
                    "expiration",
                    "expire",
                    "expired",
                    "ttl",
                    "name",
                    "policy",
                    "hint",
                    "field",
                    "label",
                    "placeholder",
                    "reset",
                    "forgot",
                    "hash",
                    "digest",
                    "checksum",
                    "integrity",
                    "etag",
                    "keyword",
                    "strength",
                    "manager",
                    "column",
                    "input",
                    "form",
                    "valid",
                    "validator",
                    "validate",
                    "error",
                    "regex",
                    "pattern",
                    "format",
                    "author",
                    "secretary",
                    "primary",
                    "foreign",
                    "partition",
                    "sort",
                    "cache",
                    "idempotency",
                    "color",
                    "arn",
                    "algorithm",
                    "version",
                    "size",
                    "age",
                    "enabled",
                    "type",
                    "public",
                    "pubkey",
                    "csrf",
                    "xsrf",
                    "authentication",
                    "results",
                    "source",
                    "vault",
                    "bucket",
                    "schema",
                    "index",
                    "lookup",
                    "registry",
                    "event",
                    "object",
                    "hotkey",
                    "shortcut",
                    "entry",
                    "dict",
                    "map",
                    "row",
                    "item",
                    "credentialsid",
                    "credentialid",
                    "secretsid",
                    "tokens",
                    "secrets",
                    "keys",
                    "prompt",
                    "question");

    /**
     * Judges a name by its parts.
     *
     * @param name as written, in snake, kebab or camel case
     * @param keyword the lower-case trigger in it, which may stand in prose
     */
    static SecretName of(String name, String keyword) {
        String[] parts =
                name.replaceAll("([a-z0-9])([A-Z])", "$1_$2")
                        .toLowerCase(Locale.ROOT)
                        .split("[_.\\-]+");
        SecretName best = NONE;
        for (int i = 0; i < parts.length; i++) {
            String part = parts[i];
            boolean id =
                    part.equals("id")
                            && i > 0
                            && Set.of(
                                            "credential",
                                            "credentials",
                                            "secret",
                                            "secrets",
                                            "key",
                                            "token")
                                    .contains(parts[i - 1]);
            if (ABOUT.contains(part) || id) {
                return NONE;
            }
            SecretName here = part(part);
            best = here == NONE ? best : best == NONE || here != WEAK ? here : best;
        }
        if (best != NONE && best != WEAK) {
            return best;
        }
        boolean prose =
                keyword.startsWith("contrase")
                        || keyword.startsWith("mot de")
                        || keyword.startsWith("kennw");
        return prose ? PASSWORD : keyword.startsWith("api") || joined(parts) ? SECRET : best;
    }

    private static SecretName part(String part) {
        boolean password =
                part.endsWith("password")
                        || part.endsWith("passwd")
                        || part.endsWith("pwd")
                        || part.endsWith("passphrase");
        if (password
                || part.equals("pass")
                || part.equals("passwort")
                || part.equals("kennwort")
                || part.equals("pw")) {
            return PASSWORD;
        }
        boolean secret =
                part.endsWith("token")
                        || part.endsWith("secret")
                        || part.endsWith("apikey")
                        || part.endsWith("accesskey");
        if (secret
                || part.equals("auth")
                || part.equals("authorization")
                || part.startsWith("credential")
                || part.equals("bearer")) {
            return SECRET;
        }
        return part.endsWith("key") || part.equals("clientid") ? WEAK : NONE;
    }

    /** Whether two parts make the name of a secret: {@code api_key}, {@code private_key}. */
    private static boolean joined(String[] parts) {
        for (int i = 1; i < parts.length; i++) {
            boolean key = parts[i].equals("key");
            if (key
                    && Set.of(
                                    "api",
                                    "access",
                                    "private",
                                    "encryption",
                                    "signing",
                                    "account",
                                    "license",
                                    "shared",
                                    "master",
                                    "service",
                                    "app",
                                    "auth")
                            .contains(parts[i - 1])) {
                return true;
            }
        }
        return false;
    }
}
