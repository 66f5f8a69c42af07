// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.restore;

/**
 * Follows a text as it is given out and tells whether it stands in an address: of a Markdown link
 * or image, of a reference definition, in a tag, in plain text. A page loads an image without
 * asking; a value in its address would leave with it. When in doubt it is an address. One thread.
 *
 * <p>The four are followed side by side, so that none hides another.
 */
final class LinkTarget {
    private final InlineTarget inline = new InlineTarget();
    private final ReferenceTarget reference = new ReferenceTarget();
    private final HtmlTag tag = new HtmlTag();
    private final BareAddress bare = new BareAddress();
    private final boolean page;

    LinkTarget(Restorer.Reader reader) {
        page = reader == Restorer.Reader.PAGE;
    }

    /** Whether what comes next is in an address that is not {@code mailto:} or {@code tel:}. */
    boolean keepsPlaceholders() {
        return inline.keepsPlaceholders()
                || reference.keepsPlaceholders()
                || page && (tag.keepsPlaceholders() || bare.keepsPlaceholders());
    }

    void next(CharSequence text) {
        for (int i = 0; i < text.length(); i++) {
            next(text.charAt(i));
        }
    }

    void next(char c) {
        inline.next(c);
        reference.next(c);
        tag.next(c);
        bare.next(c);
    }
}
