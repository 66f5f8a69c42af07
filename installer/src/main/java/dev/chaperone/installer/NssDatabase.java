// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.installer;

import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Locale;

/**
 * A user's NSS certificate database, as Chromium and Firefox read it, by {@code certutil} of NSS
 * run as that user.
 */
final class NssDatabase {
    /** A nickname that no certificate has. */
    private static final String NOBODY = "chaperone-none";

    private final Machine machine;
    private final UserAccount user;
    private final String folder;

    NssDatabase(Machine machine, UserAccount user, String folder) {
        this.machine = machine;
        this.user = user;
        this.folder = folder;
    }

    /**
     * Whether a certificate stands in it.
     *
     * @throws StepException when that cannot be told: it is locked, damaged or not this user's
     */
    boolean holds(String nickname) throws StepException {
        return look(nickname).ok();
    }

    /**
     * Whether it stands there as one that vouches for web sites: a certutil that was killed leaves
     * a certificate without its trust.
     *
     * @throws StepException as {@link #holds}
     */
    boolean trusts(String nickname) throws StepException {
        Commands.Ended shown = look(nickname);
        return shown.ok() && shown.output().contains("Trusted CA");
    }

    private Commands.Ended look(String nickname) throws StepException {
        Commands.Ended ended = certutil("-L", "-n", nickname);
        if (ended.status() == Commands.NOT_FOUND) {
            throw new StepException(
                    "certutil is not installed (Debian: libnss3-tools, Fedora: nss-tools); browsers of users would not trust the agent");
        }
        if (!ended.ok() && !absent(ended) && rollBack()) {
            ended = certutil("-L", "-n", nickname);
        }
        if (!ended.ok() && !absent(ended)) {
            throw busy(ended);
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
                                        pem(root),
                                        folder,
                                        nickname));
        if (!ended.ok()) {
            throw busy(ended);
        }
    }

    void remove(String nickname) throws StepException {
        Commands.Ended ended = certutil("-D", "-n", nickname);
        if (!ended.ok()) {
            throw busy(ended);
        }
    }

    /**
     * What a killed program had begun is rolled back by the next one that opens the database for
     * writing (SQLite's hot journal); {@code -L} opens it for reading only, and fails.
     *
     * @return whether it takes changes
     */
    private boolean rollBack() {
        return absent(certutil("-D", "-n", NOBODY));
    }

    private Commands.Ended certutil(String action, String option, String nickname) {
        return machine.commands()
                .runAs(user, List.of("certutil", action, "-d", "sql:" + folder, option, nickname));
    }

    /** Only this says so: a locked database fails in several words, by NSS's version. */
    private static boolean absent(Commands.Ended ended) {
        return ended.output().toLowerCase(Locale.ROOT).contains("could not find");
    }

    private StepException busy(Commands.Ended ended) {
        return new StepException(
                "the certificate database "
                        + folder
                        + " of "
                        + user.name()
                        + " takes no change ("
                        + ended.lastLine()
                        + "); close the browser that has it, then try again: chaperone machine repair"
                        + " (to remove it: chaperone machine uninstall)");
    }

    private static String pem(X509Certificate root) throws StepException {
        try {
            return "-----BEGIN CERTIFICATE-----\n"
                    + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(root.getEncoded())
                    + "\n-----END CERTIFICATE-----\n";
        } catch (CertificateEncodingException e) {
            throw new StepException("the root certificate cannot be encoded");
        }
    }
}
