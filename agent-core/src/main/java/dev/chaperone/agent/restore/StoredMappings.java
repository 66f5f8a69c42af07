// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.restore;

import dev.chaperone.agent.os.KeyVault;
import dev.chaperone.agent.restore.RestoreStore.Conversation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The mappings of a folder that no agent has open. */
final class StoredMappings {
    private static final int EVERY_USER = -1;

    private StoredMappings() {}

    static int count(Path folder, KeyVault vault, long uid) throws IOException {
        Optional<MappingFiles> found = MappingFiles.existing(folder, vault);
        return found.isPresent() ? count(found.get(), uid) : 0;
    }

    private static int count(MappingFiles files, long uid) throws IOException {
        Set<Map.Entry<String, String>> pairs = new HashSet<>();
        files.readOnly()
                .forEach((conversation, entry) -> {
                    if (uid == EVERY_USER || conversation.uid() == uid) {
                        entry.mapping().addPairs(pairs);
                    }
                });
        return pairs.size();
    }

    static int forget(Path folder, KeyVault vault, long uid) throws IOException {
        Optional<MappingFiles> found = MappingFiles.existing(folder, vault);
        if (found.isEmpty()) {
            return 0;
        }
        MappingFiles files = found.get();
        int forgotten = count(files, uid);
        if (uid == EVERY_USER) {
            files.deleteAll();
        } else {
            for (Conversation conversation : files.readOnly().keySet()) {
                if (conversation.uid() == uid) {
                    files.deleteNow(conversation);
                }
            }
        }
        return forgotten;
    }
}
