package org.blktrack.cli;

import java.nio.file.Path;
import org.blktrack.model.Environment;

/** The other programs of this installation; the launcher says where its tree is. */
final class Programs {
    private Programs() {}

    static Path helper() {
        String named = Environment.get("BLKTRACK_HELPER");
        return named != null ? Path.of(named) : sbin("blktrack-helper");
    }

    static Path daemon() {
        return sbin("blktrackd");
    }

    private static Path sbin(String name) {
        return Path.of(System.getProperty("blktrack.home", "/"), "sbin", name);
    }
}
