package org.blktrack.bootscript;

import java.util.List;

/**
 * What the package database, or the files alone, say of initscripts.
 *
 * @param version such as {@code 9.03.61-1.el6}, or null where it is unknown
 * @param from {@code rpm}, {@code files} (the pristine hash is in the catalogue) or {@code unknown}
 * @param customised scripts that differ from what the package shipped, by {@link Script#fileName()}; empty where unknown
 */
public record InitscriptsVersion(String version, String from, List<String> customised) {

    /** For a person. */
    public String sentence() {
        String known = version == null ? "initscripts: version unknown" : "initscripts: " + version + ", by " + from;
        return customised.isEmpty() ? known : known + "; customised: " + String.join(", ", customised);
    }
}
