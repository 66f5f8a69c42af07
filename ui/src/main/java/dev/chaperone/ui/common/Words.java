// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.common;

import java.text.MessageFormat;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.format.FormatStyle;
import java.util.Locale;
import java.util.MissingResourceException;
import java.util.Optional;
import java.util.ResourceBundle;

/** The words of the interface in the reader's language. Immutable. */
public final class Words {
    private static final int MAX_NAME = 60;

    private final Locale locale;
    private final ResourceBundle bundle;
    private final DateTimeFormatter moment;
    private final DateTimeFormatter clock;

    private Words(Locale locale) {
        this.locale = locale;
        this.bundle =
                ResourceBundle.getBundle(
                        "dev.chaperone.ui.common.words",
                        locale,
                        ResourceBundle.Control.getNoFallbackControl(
                                ResourceBundle.Control.FORMAT_PROPERTIES));
        this.moment =
                DateTimeFormatter.ofLocalizedDateTime(FormatStyle.MEDIUM, FormatStyle.SHORT)
                        .withLocale(locale)
                        .withZone(ZoneId.systemDefault());
        this.clock =
                DateTimeFormatter.ofLocalizedTime(FormatStyle.SHORT)
                        .withLocale(locale)
                        .withZone(ZoneId.systemDefault());
    }

    /** German for {@code de…}, else English. */
    public static Words in(String language) {
        return new Words(language.startsWith("de") ? Locale.GERMANY : Locale.UK);
    }

    /** {@code en} or {@code de}. */
    public String language() {
        return locale.getLanguage();
    }

    /**
     * The words of a key.
     *
     * @param arguments for {@link MessageFormat}
     * @throws MissingResourceException for an unknown key
     */
    public String get(String key, Object... arguments) {
        return new MessageFormat(bundle.getString(key), locale).format(arguments);
    }

    /** The words of a key that need not be there. */
    public Optional<String> find(String key) {
        return bundle.containsKey(key) ? Optional.of(bundle.getString(key)) : Optional.empty();
    }

    /** What was found, such as {@code GROUP.detail}: the name of it or of its group, or itself. */
    public String type(String type) {
        int dot = type.indexOf('.');
        return find("type." + type)
                .or(() -> find("type." + (dot < 0 ? type : type.substring(0, dot))))
                .orElseGet(() -> Inert.line(type, MAX_NAME));
    }

    /** Why something was not inspected, by the name in events. */
    public String reason(String reason) {
        return find("reason." + reason.toLowerCase(Locale.ROOT).replace('_', '-'))
                .orElseGet(() -> Inert.line(reason, MAX_NAME));
    }

    /** Date and time in the reader's zone. */
    public String moment(Instant at) {
        return moment.format(at);
    }

    /** Time of day in the reader's zone. */
    public String clock(Instant at) {
        return clock.format(at);
    }
}
