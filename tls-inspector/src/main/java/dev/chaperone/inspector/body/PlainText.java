// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.body;

/** A text without a place in a body: a query parameter, a header, an answer that patches built. */
public final class PlainText extends Text {
    private final StringBuilder text;

    public PlainText(String text) {
        this.text = new StringBuilder(text);
    }

    /** The text so far; not remembered, since document patches let it grow. */
    @Override
    public String value() {
        return text.toString();
    }

    @Override
    String decode() {
        return text.toString();
    }

    public int length() {
        return text.length();
    }

    public void append(String more) {
        text.append(more);
    }

    @Override
    public void edit(int start, int end, String with, Edits edits) {
        throw new UnsupportedOperationException("no place in the body");
    }
}
