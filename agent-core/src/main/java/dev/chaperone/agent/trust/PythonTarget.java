// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.trust;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A Python library with a certificate list of its own (certifi). Its documented switch is a
 * variable; certifi's file belongs to the package and is replaced by every update.
 */
final class PythonTarget implements TrustTarget {
    private static final int IMPORT_SECONDS = 10;

    private final String module;
    private final String script;
    private final List<String> variables;

    private PythonTarget(String module, String script, List<String> variables) {
        this.module = module;
        this.script = script;
        this.variables = variables;
    }

    /** requests and what uses it: Requests documentation, "SSL Cert Verification". */
    static PythonTarget requests() {
        return new PythonTarget(
                "requests",
                "import sys, requests; print(requests.get(sys.argv[1], timeout=10).text)",
                List.of("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"));
    }

    /** httpx and the SDKs of the AI services: HTTPX documentation, "Environment Variables". */
    static PythonTarget httpx() {
        return new PythonTarget(
                "httpx",
                "import sys, httpx; print(httpx.get(sys.argv[1], timeout=10).text)",
                List.of("SSL_CERT_FILE"));
    }

    @Override
    public String name() {
        return "python-" + module;
    }

    @Override
    public List<Path> programs(Person person) {
        List<Path> pythons = new ArrayList<>();
        person.variable("VIRTUAL_ENV").ifPresent(v -> pythons.add(Path.of(v, "bin/python")));
        person.program("python3").ifPresent(pythons::add);
        return pythons.stream().filter(p -> imports(person, p)).limit(1).toList();
    }

    private boolean imports(Person person, Path python) {
        try {
            ProcessBuilder builder =
                    new ProcessBuilder(python.toString(), "-B", "-c", "import " + module);
            builder.redirectInput(new File("/dev/null"))
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD);
            builder.environment().clear();
            builder.environment().putAll(person.environment());
            Process process = builder.start();
            if (!process.waitFor(IMPORT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return false;
            }
            return process.exitValue() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Override
    public Optional<Probe> probe(Person person, Path program, Probe.Question question) {
        return Optional.of(
                new Probe(
                        List.of(program.toString(), "-B", "-c", script, question.url()), Map.of()));
    }

    @Override
    public Repair repair(Person person, Path program, TrustFolder folder)
            throws IOException, TrustException {
        Optional<Path> theirs =
                variables.stream().flatMap(v -> person.fileOf(v).stream()).findFirst();
        return Repair.variable(variables.getFirst(), folder.bundle(module, theirs, false));
    }
}
