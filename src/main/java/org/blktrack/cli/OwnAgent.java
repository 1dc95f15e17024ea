package org.blktrack.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ExitStatus;
import org.blktrack.model.IoCause;
import org.blktrack.model.Places;
import org.blktrack.wire.AgentProcess;
import org.blktrack.wire.AgentRecord;
import org.blktrack.wire.AgentRequest;

/** Asks the helper without a daemon. */
final class OwnAgent {
    private OwnAgent() {}

    static JsonObject checks(Places places) {
        JsonArray checks = new JsonArray();
        Path meeting = null;
        try {
            meeting = Files.createTempDirectory("blktrack");
            // What the machine supports does not hang on the instance, whose folder may not be there yet.
            Places here = new Places(meeting, meeting, places.socket());
            try (AgentProcess agent = AgentProcess.start(Programs.helper(), here)) {
                for (AgentRecord each : agent.call(AgentRequest.of("support"))) {
                    checks.add(check(each));
                }
            }
        } catch (IOException e) {
            throw new BlktrackException(ExitStatus.FAILED, "HELPER_NOT_STARTED", "cannot meet the helper: " + IoCause.of(e),
                    IoCause.remedy(e, System.getProperty("java.io.tmpdir")), e);
        } finally {
            if (meeting != null) {
                meeting.toFile().delete();
            }
        }
        JsonObject report = new JsonObject();
        report.add("checks", checks);
        return report;
    }

    private static JsonObject check(AgentRecord each) {
        JsonObject check = new JsonObject();
        check.addProperty("check", each.text("check"));
        check.addProperty("ok", each.text("ok"));
        check.addProperty("detail", each.textOrEmpty("detail"));
        check.addProperty("remedy", each.textOrEmpty("remedy").isEmpty() ? null : each.text("remedy"));
        return check;
    }
}
