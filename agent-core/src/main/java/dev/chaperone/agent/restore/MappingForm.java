// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.restore;

import dev.chaperone.agent.restore.Mapping.Value;
import dev.chaperone.agent.restore.RestoreStore.Conversation;
import dev.chaperone.agent.restore.RestoreStore.Entry;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A mapping as the bytes that are sealed. */
final class MappingForm {
    private static final int VERSION = 1;
    private static final String CARDS = "CREDIT_CARD";

    /** Its check digits tell it from a card, though some of its digits may pass for one. */
    private static final String IBAN = "IBAN";

    /** What a file held. */
    record Read(Conversation conversation, Entry entry) {}

    private MappingForm() {}

    static byte[] write(Conversation conversation, Entry entry) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        Mapping mapping = entry.mapping();
        try {
            out.writeInt(VERSION);
            out.writeLong(conversation.uid());
            text(out, conversation.service());
            text(out, conversation.id());
            out.writeLong(entry.lastUse().toEpochMilli());
            out.writeInt(mapping.last().size());
            for (Map.Entry<String, Integer> last : mapping.last().entrySet()) {
                text(out, last.getKey());
                out.writeInt(last.getValue());
            }
            out.writeInt(mapping.typed().size());
            for (String typed : mapping.typed()) {
                text(out, typed);
            }
            for (Map.Entry<Value, String> one : mapping.placeholders().entrySet()) {
                if (mayBeStored(one.getKey())) {
                    text(out, one.getKey().group());
                    text(out, one.getKey().text());
                    text(out, one.getValue());
                }
            }
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
    }

    /** A full card number or CVV is never stored (DESIGN §2 rule 4), not even sealed. */
    private static boolean mayBeStored(Value value) {
        return !value.group().equals(CARDS)
                && (value.group().equals(IBAN) || !CardNumbers.mayBeIn(value.text()));
    }

    /** Null when the bytes are of another form. */
    static @Nullable Read read(byte[] bytes) {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
        try {
            if (in.readInt() != VERSION) {
                return null;
            }
            Conversation conversation = new Conversation(in.readLong(), text(in), text(in));
            Instant lastUse = Instant.ofEpochMilli(in.readLong());
            Map<String, Integer> last = new HashMap<>();
            for (int n = in.readInt(); n > 0; n--) {
                last.put(text(in), in.readInt());
            }
            Set<String> typed = new HashSet<>();
            for (int n = in.readInt(); n > 0; n--) {
                typed.add(text(in));
            }
            Map<Value, String> placeholders = new HashMap<>();
            while (in.available() > 0) {
                placeholders.put(new Value(text(in), text(in)), text(in));
            }
            Mapping mapping = new Mapping(placeholders, last, typed);
            return new Read(conversation, new Entry(mapping, lastUse, lastUse, true));
        } catch (IOException e) {
            return null;
        }
    }

    private static void text(DataOutputStream out, String text) throws IOException {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(utf8.length);
        out.write(utf8);
    }

    private static String text(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > in.available()) {
            throw new IOException("cut off");
        }
        return new String(in.readNBytes(length), StandardCharsets.UTF_8);
    }
}
