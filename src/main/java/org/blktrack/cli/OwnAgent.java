package org.blktrack.cli;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ExitStatus;
import org.blktrack.model.IoCause;
import org.blktrack.model.Places;
import org.blktrack.wire.AgentProcess;
import org.blktrack.wire.SupportChecks;

/** Asks the helper without a daemon. */
final class OwnAgent {
    private OwnAgent() {}

    static JsonObject checks(Places places) {
        Path meeting = null;
        try {
            meeting = Files.createTempDirectory("blktrack");
            // What the machine supports does not hang on the instance, whose folder may not be there yet.
            Places here = new Places(meeting, meeting, places.socket());
            try (AgentProcess agent = AgentProcess.start(Programs.helper(), here)) {
                return SupportChecks.ask(agent);
            }
        } catch (IOException e) {
            throw new BlktrackException(ExitStatus.FAILED, "HELPER_NOT_STARTED", "cannot meet the helper: " + IoCause.of(e),
                    IoCause.remedy(e, System.getProperty("java.io.tmpdir")), e);
        } finally {
            if (meeting != null) {
                meeting.toFile().delete();
            }
        }
    }
}
