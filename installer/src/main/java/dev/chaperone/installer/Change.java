// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.installer;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One change of the machine, with what its undo needs. Written to the {@link UndoLedger} before it
 * is made, so that every undo must also be right when the change was never made.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Change.FileWritten.class, name = "file"),
    @JsonSubTypes.Type(value = Change.FileStarted.class, name = "started"),
    @JsonSubTypes.Type(value = Change.FolderMade.class, name = "folder"),
    @JsonSubTypes.Type(value = Change.KeysMerged.class, name = "keys"),
    @JsonSubTypes.Type(value = Change.NssCertificate.class, name = "nss"),
    @JsonSubTypes.Type(value = Change.KeystoreCertificate.class, name = "keystore"),
    @JsonSubTypes.Type(value = Change.Refresh.class, name = "refresh"),
})
public sealed interface Change {
    /** What is changed, and to what: the same change again has the same key. */
    String key();

    /**
     * A file of ours, whole.
     *
     * @param path absolute
     * @param sha256 of what we wrote, lower-case hex
     * @param backup name of the copy of what was there, or null when nothing was
     */
    record FileWritten(String path, String sha256, @Nullable String backup) implements Change {
        @Override
        public String key() {
            return "file " + path + " " + sha256;
        }
    }

    /**
     * A file that others may use too and that was not there, made so that keys of ours can stand in
     * it; removed only while it is as it was made.
     *
     * @param path absolute
     * @param sha256 of what it was made with
     */
    record FileStarted(String path, String sha256) implements Change {
        @Override
        public String key() {
            return "started " + path + " " + sha256;
        }
    }

    /**
     * A folder that was not there; removed only when it is empty again.
     *
     * @param path absolute
     */
    record FolderMade(String path) implements Change {
        @Override
        public String key() {
            return "folder " + path;
        }
    }

    /**
     * A file of somebody else in which keys of ours stand (browser policies in JSON, a list of
     * lines): undone byte for byte when nobody else touched it, else by taking our keys out.
     *
     * @param path absolute
     * @param format {@code json} or {@code lines}
     * @param sha256 of what we wrote
     * @param backup name of the copy of what was there
     * @param keys JSON pointers (RFC 6901) or lines that are ours
     * @param values the JSON text that we gave each pointer: one that has another value by now is
     *     somebody else's; null when the format has none
     */
    record KeysMerged(
            String path,
            String format,
            String sha256,
            String backup,
            List<String> keys,
            @Nullable Map<String, String> values)
            implements Change {
        public KeysMerged {
            keys = List.copyOf(keys);
            values = values == null ? null : Map.copyOf(values);
        }

        @Override
        public String key() {
            return "keys " + path + " " + sha256;
        }
    }

    /**
     * A root in a user's NSS database.
     *
     * @param user whose
     * @param folder absolute, of the database
     * @param nickname under which it stands
     */
    record NssCertificate(String user, String folder, String nickname) implements Change {
        @Override
        public String key() {
            return "nss " + user + " " + folder + " " + nickname;
        }
    }

    /**
     * A root in a Java keystore.
     *
     * @param path absolute
     * @param alias under which it stands
     * @param sha256 of the keystore after the change, empty when it is not known
     * @param backup name of the copy of the keystore before
     */
    record KeystoreCertificate(String path, String alias, String sha256, String backup)
            implements Change {
        @Override
        public String key() {
            return "keystore " + path + " " + alias;
        }
    }

    /**
     * A program that makes the system take note of what was changed before it; its undo is to run
     * it again, after those changes are undone.
     *
     * @param command program and arguments
     * @param done whether it ran after the last change that it is for
     */
    record Refresh(List<String> command, boolean done) implements Change {
        public Refresh {
            command = List.copyOf(command);
        }

        @Override
        public String key() {
            return "refresh " + String.join(" ", command);
        }
    }
}
