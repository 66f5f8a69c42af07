// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.tray.dbus;

import dev.chaperone.ui.tray.TrayState.Mood;
import java.nio.ByteBuffer;
import org.freedesktop.dbus.Struct;
import org.freedesktop.dbus.annotations.Position;

/** A picture as StatusNotifierItem wants it: {@code (iiay)}, ARGB, big-endian. */
public final class Picture extends Struct {
    private static final int SIZE = 24; // px; desktops scale it
    private static final int SAMPLES = 4; // a side of a pixel, against jagged edges

    @Position(0)
    public final int width;

    @Position(1)
    public final int height;

    @Position(2)
    public final byte[] argb;

    public Picture(int width, int height, byte[] argb) {
        this.width = width;
        this.height = height;
        this.argb = argb;
    }

    /** A shield whose colour and sign say how it is: tick, cross, two bars, or a hole. */
    static Picture of(Mood mood) {
        int colour =
                switch (mood) {
                    case ASKS -> 0x0969DA;
                    case UNPROTECTED -> 0xCF222E;
                    case PAUSED -> 0xBF8700;
                    case AWAY -> 0x8C959F;
                    case PROTECTED -> 0x1A7F37;
                };
        ByteBuffer pixels = ByteBuffer.allocate(SIZE * SIZE * 4);
        for (int y = 0; y < SIZE; y++) {
            for (int x = 0; x < SIZE; x++) {
                int inside = 0;
                for (int s = 0; s < SAMPLES * SAMPLES; s++) {
                    int row = s / SAMPLES;
                    double px = (x + (s % SAMPLES + 0.5) / SAMPLES) / SIZE;
                    double py = (y + (row + 0.5) / SAMPLES) / SIZE;
                    inside += isShield(px, py) && !isSign(mood, px, py) ? 1 : 0;
                }
                pixels.putInt(inside * 255 / (SAMPLES * SAMPLES) << 24 | colour);
            }
        }
        return new Picture(SIZE, SIZE, pixels.array());
    }

    private static boolean isShield(double x, double y) {
        double half =
                y < 0.5 ? 0.4 : 0.4 * Math.sqrt(Math.max(0, 1 - Math.pow((y - 0.5) / 0.46, 2)));
        return y > 0.06 && y < 0.96 && Math.abs(x - 0.5) < half;
    }

    private static boolean isSign(Mood mood, double x, double y) {
        return switch (mood) {
            case PROTECTED ->
                    near(x, y, 0.32, 0.48, 0.45, 0.62) || near(x, y, 0.45, 0.62, 0.68, 0.34);
            case UNPROTECTED ->
                    near(x, y, 0.36, 0.34, 0.64, 0.62) || near(x, y, 0.64, 0.34, 0.36, 0.62);
            case PAUSED -> near(x, y, 0.4, 0.34, 0.4, 0.62) || near(x, y, 0.6, 0.34, 0.6, 0.62);
            case ASKS -> near(x, y, 0.5, 0.26, 0.5, 0.5) || near(x, y, 0.5, 0.67, 0.5, 0.68);
            case AWAY -> Math.hypot(x - 0.5, y - 0.46) < 0.16;
        };
    }

    /** Whether a point lies on a thick line. */
    private static boolean near(double x, double y, double x1, double y1, double x2, double y2) {
        double length = Math.pow(x2 - x1, 2) + Math.pow(y2 - y1, 2);
        double t = Math.clamp(((x - x1) * (x2 - x1) + (y - y1) * (y2 - y1)) / length, 0, 1);
        return Math.hypot(x - x1 - t * (x2 - x1), y - y1 - t * (y2 - y1)) < 0.065;
    }
}
