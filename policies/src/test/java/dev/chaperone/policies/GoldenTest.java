// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.policies;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.model.decision.Stage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GoldenTest {
    private static final Path FOLDER = Path.of("golden");

    /** A case of a golden file with the policy that judges it. */
    record Golden(String file, PolicyEngine engine, PolicyCase test) {
        @Override
        public String toString() {
            return file + ":" + test.line() + " " + test.expect().id();
        }
    }

    static List<Golden> cases() throws IOException {
        List<Golden> cases = new ArrayList<>();
        try (Stream<Path> files = Files.list(FOLDER)) {
            for (Path file : files.sorted().toList()) {
                Fields top =
                        YamlTree.read(Files.readAllBytes(file), file.toString())
                                .only(Set.of("policy", "cases"));
                PolicyEngine engine =
                        PolicyEngine.compile(PolicyDocument.shipped(top.string("policy")));
                CaseReader reader = new CaseReader(Stage.REQUEST);
                for (Fields fields : top.maps("cases")) {
                    cases.add(
                            new Golden(file.getFileName().toString(), engine, reader.read(fields)));
                }
            }
        }
        return cases;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void shippedPoliciesKeepDecidingAlike(Golden golden) {
        assertThat(PolicyTests.judgeStated(golden.engine(), golden.test())).isEmpty();
    }
}
