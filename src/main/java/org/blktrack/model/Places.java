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
