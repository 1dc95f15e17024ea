package org.blktrack.daemon;

import java.nio.file.Path;
import java.util.BitSet;
import org.blktrack.linux.Disk;
import org.blktrack.model.Places;
import org.blktrack.track.Answer;
import org.blktrack.track.HeapEpoch;
import org.blktrack.track.Tracker;

/** A fake kernel, a state folder, and one daemon after another on both. */
final class Machine {
    static final String A = "/dev/a";
    static final String B = "/dev/b";

    /** The one that was made last. */
    static Machine current;

    final FakeKernel kernel = new FakeKernel();
    final Places places;
    long memoryBytes = 8L << 30;
    private long now = 1_700_000_000_000L;

    Machine(Path folder) {
        places = new Places(folder.resolve("state"), folder.resolve("run"), folder.resolve("run/socket"));
        current = this;
        kernel.device(A, "8:1", "partuuid:a");
        kernel.device(B, "8:2", "");
    }

    Tracker daemon() {
        return daemon(new Disk());
    }

    Tracker daemon(Disk disk) {
        places.stateDir().toFile().mkdirs();
        Tracker tracker = new Tracker(new AgentKernel(kernel, kernel::open), kernel::number, places, disk, memoryBytes, () -> now++);
        tracker.start();
        return tracker;
    }

    Path checkpointFile(String changeId) {
        for (java.io.File folder : places.checkpoints().toFile().listFiles()) {
            java.io.File file = new java.io.File(folder, changeId + ".epoch");
            if (file.exists()) {
                return file.toPath();
            }
        }
        throw new IllegalStateException("no file for " + changeId);
    }

    /** @return data and discarded, or null where the answer is unknown */
    static BitSet[] bits(Answer answer) {
        try (answer) {
            return answer.bits() == null ? null : HeapEpoch.read(answer.bits());
        }
    }
}
