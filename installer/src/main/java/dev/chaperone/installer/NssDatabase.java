// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.installer;

import java.security.cert.X509Certificate;
import java.util.List;

/**
 * A user's NSS certificate database, as Chromium and Firefox read it, by {@code certutil} of NSS
 * run as that user. A root is found by its digest, under whatever name it stands: Firefox gives it
 * one of its own when a policy has it imported, and NSS keeps the first.
 */
final class NssDatabase {
    /** A nickname that no certificate has. */
    private static final String NOBODY = "chaperone-none";

    /**
     * Arguments: {@code look} or {@code remove}, folder, nickname. The nickname ends with the first
     * digits of the certificate's SHA-256. Prints trust and name of each that is this root. Only
     * those that are trusted are looked into; the nickname itself is ours also without its trust,
     * which a killed certutil leaves.
     */
    private static final String SCRIPT =
            """
            list=$(certutil -L -d "sql:$2" 2>&1) || { s=$?; printf '%s\\n' "$list"; exit $s; }
            printf '%s\\n' "$list" | sed -n 's/^\\(.*[^ ]\\)  *\\([A-Za-z]*,[A-Za-z]*,[A-Za-z]*\\) *$/\\2 \\1/p' |
            while read -r trust name; do
              if [ "$name" != "$3" ]; then
                case ${trust%%,*} in *C*) ;; *) continue ;; esac
                case $(certutil -L -d "sql:$2" -n "$name" -r 2>/dev/null | sha256sum) in "${3#chaperone-}"*) ;; *) continue ;; esac
              fi
              printf '%s %s\\n' "$trust" "$name"
              [ "$1" = look ] || certutil -D -d "sql:$2" -n "$name" 2>&1 || exit
            done
            """;

    private final Machine machine;
    private final UserAccount user;
    private final String folder;

    NssDatabase(Machine machine, UserAccount user, String folder) {
        this.machine = machine;
        this.user = user;
        this.folder = folder;
    }

    /**
     * Whether a root stands in it, under this name or another.
     *
     * @param nickname of the root, with the first digits of its digest
     * @throws StepException when that cannot be told: it is locked, damaged or not this user's
     */
    boolean holds(String nickname) throws StepException {
        return !find(nickname).output().isBlank();
    }

    /**
     * Whether it stands there as one that vouches for web sites: a certutil that was killed leaves
     * a certificate without its trust.
     *
     * @throws StepException as {@link #holds}
     */
    boolean trusts(String nickname) throws StepException {
        return find(nickname)
                .output()
                .lines()
                .anyMatch(line -> line.substring(0, line.indexOf(',')).contains("C"));
    }

    private Commands.Ended find(String nickname) throws StepException {
        Commands.Ended ended = script("look", nickname);
        if (ended.status() == Commands.NOT_FOUND) {
            throw new StepException(
                    "certutil is not installed (Debian: libnss3-tools, Fedora: nss-tools); browsers of users would not trust the agent");
        }
        if (!ended.ok() && ended.status() != Commands.TOO_LONG && rollBack()) {
            ended = script("look", nickname);
        }
        if (!ended.ok()) {
            throw refused(ended);
        }
        return ended;
    }

    /** Adds a root as trusted to identify web sites, and for nothing else. */
    void add(String nickname, X509Certificate root) throws StepException {
        Commands.Ended ended =
                machine.commands()
                        .runAs(
                                user,
                                List.of(
                                        "sh",
                                        "-c",
                                        "printf %s \"$1\" | certutil -A -a -d \"sql:$2\" -n \"$3\" -t C,,",
                                        "certutil",
                                        Roots.pem(root),
                                        folder,
                                        nickname));
        if (!ended.ok()) {
            throw refused(ended);
        }
    }

    /** Takes a root out, under whatever name it stands. */
    void remove(String nickname) throws StepException {
        Commands.Ended ended = script("remove", nickname);
        if (!ended.ok()) {
            throw refused(ended);
        }
    }

    /**
     * What a killed program had begun is rolled back by the next one that opens the database for
     * writing (SQLite's hot journal); {@code -L} opens it for reading only, and fails.
     *
     * @return whether it takes changes
     */
    private boolean rollBack() {
        Commands.Ended ended =
                machine.commands()
                        .runAs(
                                user,
                                List.of("certutil", "-D", "-d", "sql:" + folder, "-n", NOBODY));
        return ended.output().contains("could not find");
    }

    private Commands.Ended script(String action, String nickname) {
        return machine.commands()
                .runAs(user, List.of("sh", "-c", SCRIPT, "certutil", action, folder, nickname));
    }

    private StepException refused(Commands.Ended ended) {
        String remedy =
                ended.output().contains("SEC_ERROR_BAD_PASSWORD")
                        ? "it has a password of its owner, who adds "
                                + Machine.PUBLIC_ROOT
                                + " in the browser's settings (Firefox has it by its policy)"
                        : "close the browser that has it, or move it away where it is damaged, then try again: chaperone machine repair"
                                + " (to remove it: chaperone machine uninstall)";
        return new StepException(
                "the certificate database "
                        + folder
                        + " of "
                        + user.name()
                        + " takes no change ("
                        + ended.lastLine()
                        + "); "
                        + remedy);
    }
}
