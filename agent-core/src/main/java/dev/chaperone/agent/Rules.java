// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent;

import dev.chaperone.agent.cli.ExitStatus;
import dev.chaperone.inspector.catalogue.Catalogue;
import dev.chaperone.inspector.tls.OpenHosts;
import dev.chaperone.model.service.AiService;
import dev.chaperone.policies.NeverDecrypt;
import dev.chaperone.policies.PolicyDocument;
import dev.chaperone.policies.PolicyEngine;
import dev.chaperone.policies.PolicyFormatException;
import dev.chaperone.policies.catalogue.CatalogueFormatException;
import dev.chaperone.policies.catalogue.CatalogueLoader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What is in force: policy, catalogue and opened hosts, loaded as one.
 *
 * @param policy compiled policy
 * @param openHosts what is decrypted
 */
public record Rules(PolicyEngine policy, OpenHosts openHosts) {
    /**
     * Loads policy and catalogue.
     *
     * @param policyFile empty for the shipped baseline
     * @param serviceFiles catalogue files that come before the shipped ones
     * @throws StartException with status 2 and one line naming file, line, key and remedy
     */
    public static Rules load(Optional<Path> policyFile, List<Path> serviceFiles)
            throws StartException {
        try {
            PolicyDocument document =
                    policyFile.isPresent()
                            ? PolicyDocument.parse(
                                    read(policyFile.get()), policyFile.get().toString())
                            : PolicyDocument.baseline();
            PolicyEngine policy = PolicyEngine.compile(document);
            return new Rules(policy, openHosts(document, services(serviceFiles)));
        } catch (PolicyFormatException | CatalogueFormatException | IllegalArgumentException e) {
            throw new StartException(ExitStatus.USAGE, String.valueOf(e.getMessage()));
        }
    }

    /** What the shipped policy opens of the shipped catalogue. */
    public static OpenHosts shippedHosts() {
        return openHosts(PolicyDocument.baseline(), CatalogueLoader.shipped());
    }

    /** The same catalogue under another policy. */
    public static Rules of(PolicyEngine policy, PolicyDocument document, List<Path> serviceFiles)
            throws StartException {
        try {
            return new Rules(policy, openHosts(document, services(serviceFiles)));
        } catch (CatalogueFormatException e) {
            throw new StartException(ExitStatus.USAGE, String.valueOf(e.getMessage()));
        }
    }

    private static OpenHosts openHosts(PolicyDocument document, List<AiService> services) {
        NeverDecrypt never = NeverDecrypt.shipped();
        return new OpenHosts(
                Catalogue.compile(services),
                document.services().open(),
                document.services().close(),
                never::covers);
    }

    /** The shipped services, with further files before them. */
    public static List<AiService> services(List<Path> files) throws StartException {
        List<AiService> extra = new ArrayList<>();
        for (Path file : files) {
            extra.add(CatalogueLoader.parse(read(file), file.toString()));
        }
        return CatalogueLoader.with(CatalogueLoader.shipped(), extra);
    }

    private static byte[] read(Path file) throws StartException {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new StartException(
                    ExitStatus.USAGE,
                    file + ": cannot be read; check the path and its permissions");
        }
    }
}
