package org.blktrack.boot;

import java.util.Locale;
import org.blktrack.bootscript.Hook;

/**
 * How one hook stands at one place: one line of {@code blktrack boot verify}.
 *
 * @param place the init system or image builder that runs it
 * @param path the file, link or image
 * @param detail what more there is to say, or an empty text
 */
public record HookState(Hook hook, String place, String path, Standing standing, String detail) {
    /** Whether a hook is where it belongs. */
    public enum Standing {
        IN_PLACE,
        /** In place, but written by another version of blktrack. */
        OUTDATED,
        MISSING,
        /** Not there yet: {@code --hooks-only} said that it comes later, or it comes with what does. */
        EXPECTED,
        /** The place holds something else. */
        OVERWRITTEN,
        /** There, but where it never runs, or comes too early or too late. */
        MISPLACED,
        /** A package update moved it to {@code .rpmsave}. */
        RPMSAVE;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }
    }

    public boolean works() {
        return standing == Standing.IN_PLACE || standing == Standing.OUTDATED || standing == Standing.EXPECTED;
    }

    /** One line for a person. */
    public String line() {
        return String.format("%-5s  %-15s  %s: %s%s", hook, place, path, standing, detail.isEmpty() ? "" : " (" + detail + ")");
    }
}
