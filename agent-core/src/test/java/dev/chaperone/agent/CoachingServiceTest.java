// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.agent.config.AgentConfig;
import dev.chaperone.agent.ipc.UserViews;
import java.lang.reflect.Proxy;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CoachingServiceTest {
    private static final UserViews NOTHING =
            (UserViews)
                    Proxy.newProxyInstance(
                            UserViews.class.getClassLoader(),
                            new Class<?>[] {UserViews.class},
                            (_, method, _) -> {
                                throw new UnsupportedOperationException(method.getName());
                            });

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    /** A file system of this machine whose files have no owner, as those of Windows. */
    @Test
    void startsWithoutASocketWhereFilesHaveNoUnixOwner() throws Exception {
        try (FileSystem zip =
                        FileSystems.newFileSystem(
                                folder.resolve("disk.zip"), Map.of("create", "true"));
                DataFolder data = DataFolder.open(zip.getPath("/data"));
                CoachingService service =
                        CoachingService.start(
                                data, AgentConfig.DEFAULTS, NOTHING, InstantSource.system())) {
            assertThat(service.socket()).isEmpty();
        }
    }

    @Test
    void hasASocketWhereTheyHaveOne() throws Exception {
        try (DataFolder data = DataFolder.open(folder.resolve("data"));
                CoachingService service =
                        CoachingService.start(
                                data, AgentConfig.DEFAULTS, NOTHING, InstantSource.system())) {
            assertThat(service.socket()).hasValue(folder.resolve("data/agent.sock"));
        }
    }
}
