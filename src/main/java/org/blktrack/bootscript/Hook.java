package org.blktrack.bootscript;

import java.util.Locale;

/** The two hooks; neither is any good without the other. */
public enum Hook {
    /** Starts tracking before the first write. */
    START,
    /** Saves the record and sets the clean mark after the last. */
    STOP;

    /** As reports and catalogue rows name it: {@code start} or {@code stop}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
