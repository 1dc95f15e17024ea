package org.blktrack.boot;

import java.util.Locale;

/** The two hooks; neither is any good without the other. */
public enum Hook {
    /** Starts tracking before the first write. */
    START,
    /** Saves the record and sets the clean mark after the last. */
    STOP;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
