// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent;

import java.text.MessageFormat;
import java.util.Locale;
import java.util.ResourceBundle;

/** Sentences for people, in English or German. Thread-safe. */
public final class Words {
    private final ResourceBundle bundle;
    private final Locale locale;

    private Words(String base, Locale locale) {
        this.locale = locale;
        this.bundle =
                ResourceBundle.getBundle(
                        base,
                        locale,
                        ResourceBundle.Control.getNoFallbackControl(
                                ResourceBundle.Control.FORMAT_PROPERTIES));
    }

    /**
     * The words of a bundle.
     *
     * @param base its resource name, such as {@code dev.chaperone.agent.doctor.words}
     * @param language a BCP 47 tag; every other than German is English
     */
    public static Words of(String base, String language) {
        return new Words(base, language.startsWith("de") ? Locale.GERMAN : Locale.ROOT);
    }

    /**
     * A sentence.
     *
     * @param values take the places {@code {0}} and so on, each shown as its own text
     */
    public String say(String key, Object... values) {
        Object[] texts = new Object[values.length];
        for (int i = 0; i < values.length; i++) {
            texts[i] = String.valueOf(values[i]);
        }
        return new MessageFormat(bundle.getString(key), locale).format(texts);
    }

    /** A sentence for a count: that of {@code key.one} for 1, else that of {@code key}. */
    public String count(String key, long count, Object... values) {
        Object[] all = new Object[values.length + 1];
        all[0] = count;
        System.arraycopy(values, 0, all, 1, values.length);
        return say(count == 1 && bundle.containsKey(key + ".one") ? key + ".one" : key, all);
    }

    /** Whether there is such a sentence. */
    public boolean knows(String key) {
        return bundle.containsKey(key);
    }
}
