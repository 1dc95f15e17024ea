package org.blktrack.model;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Where one instance keeps its things.
 *
 * @param stateDir records, checkpoint files, the tracking table
 * @param runDir what need not outlive the boot
 * @param socket where the daemon answers
 */
public record Places(Path stateDir, Path runDir, Path socket) {
    public static final Path DEFAULT_STATE_DIR = Path.of("/var/lib/blktrack");
    private static final Path DEFAULT_RUN_DIR = Path.of("/run/blktrack");
    private static final String SOCKET_NAME = "org.blktrack.Tracker";

    /**
     * What the options name, or else the environment ({@code BLKTRACK_STATE_DIR}, {@code BLKTRACK_SOCKET}). A state folder that is named by its option
     * has its own socket: that of the environment may be another instance's.
     *
     * @param stateDir null: not named @param socket likewise
     */
    public static Places chosen(String stateDir, String socket) {
        String place = socket == null && stateDir == null ? Environment.get("BLKTRACK_SOCKET") : socket;
        return of(stateDir == null ? Environment.get("BLKTRACK_STATE_DIR") : stateDir, place);
    }

    /** @param stateDir null: the default instance @param socket null: in the run folder */
    public static Places of(String stateDir, String socket) {
        Path state = stateDir == null ? DEFAULT_STATE_DIR : real(Path.of(stateDir));
        Path run = state.equals(DEFAULT_STATE_DIR) ? DEFAULT_RUN_DIR : state.resolve("run");
        Path place = socket == null ? run.resolve(SOCKET_NAME) : Path.of(socket).toAbsolutePath();
        return new Places(state, run, place);
    }

    public boolean isDefault() {
        return stateDir.equals(DEFAULT_STATE_DIR);
    }

    public Path volumes() {
        return stateDir.resolve("volumes");
    }

    public Path checkpoints() {
        return stateDir.resolve("checkpoints");
    }

    private static Path real(Path path) {
        try {
            return path.toRealPath();
        } catch (IOException notThereYet) {
            return path.toAbsolutePath().normalize();
        }
    }
}
