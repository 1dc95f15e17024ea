package org.blktrack.daemon;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.List;
import org.blktrack.model.ChangeId;
import org.blktrack.model.Places;
import org.blktrack.model.Reason;
import org.blktrack.model.Trust;
import org.blktrack.track.Answer;
import org.blktrack.track.AuditFigures;
import org.blktrack.track.EndedSeries;
import org.blktrack.track.KernelVolume;
import org.blktrack.track.VolumeRecord;
import org.blktrack.track.VolumeView;
import org.blktrack.wire.AgentRecord;

/** What the tracker and the helper say, as the JSON of the varlink interface. */
final class StatusJson {
    /** Why a record does not outlive the boot although the kernel's side is in order: the next boot would not find it. */
    static final String IMAGES_BEHIND = "IMAGES_BEHIND";

    private StatusJson() {}

    static JsonObject daemon(AgentRecord hello, Places places) {
        JsonObject json = new JsonObject();
        json.addProperty("version", TrackerService.VERSION);
        json.addProperty("kernel", hello.textOrEmpty("kernel"));
        json.addProperty("bootId", hello.textOrEmpty("boot_id"));
        json.addProperty("attached", hello.flag("attached"));
        json.addProperty("stateDir", places.stateDir().toString());
        return json;
    }

    static JsonObject table(AgentRecord state) {
        JsonObject json = new JsonObject();
        json.addProperty("state", state.textOrEmpty("state"));
        json.addProperty("path", orNull(state.textOrEmpty("path")));
        json.addProperty("uuid", orNull(state.textOrEmpty("uuid")));
        json.addProperty("writableByAddress", state.flag("writable_by_address"));
        json.addProperty("reason", orNull(state.textOrEmpty("reason")));
        return json;
    }

    static JsonObject checks(List<AgentRecord> support) {
        JsonArray checks = new JsonArray();
        for (AgentRecord each : support) {
            JsonObject check = new JsonObject();
            check.addProperty("check", each.text("check"));
            check.addProperty("ok", each.text("ok"));
            check.addProperty("detail", each.textOrEmpty("detail"));
            check.addProperty("remedy", orNull(each.textOrEmpty("remedy")));
            checks.add(check);
        }
        JsonObject json = new JsonObject();
        json.add("checks", checks);
        return json;
    }

    static JsonObject volume(VolumeView view, boolean imagesBehind) {
        VolumeRecord record = view.record();
        KernelVolume kernel = view.kernel();
        Trust trust = view.trust();
        JsonObject json = new JsonObject();
        json.addProperty("device", record.device());
        json.addProperty("volumeId", record.id().text());
        json.addProperty("disk", kernel == null ? null : kernel.disk());
        json.addProperty("kind", kernel == null ? null : kernel.kind());
        json.addProperty("sizeBytes", record.sizeBytes());
        json.addProperty("granularityBytes", record.granularity().bytes());
        json.addProperty("trust", trust.label());
        json.addProperty("reason", trust.reason());
        json.addProperty("evidence", trust.isComplete() ? null : trust.evidence());
        json.addProperty("series", record.series() == null ? null : record.series().hex());
        json.addProperty("changeId", askable(record.live(), record));
        json.addProperty("seriesStartedMs", record.series() == null ? null : record.seriesStartedMs());
        json.addProperty("checkpoints", record.checkpoints().stream().filter(each -> !each.deleted()).count());
        boolean behind = kernel != null && kernel.persistent() && imagesBehind;
        json.addProperty("persistent", kernel != null && kernel.persistent() && !behind);
        json.addProperty("persistentReason", behind ? IMAGES_BEHIND
                : kernel == null ? Reason.VOLUME_MISSING.name() : orNull(kernel.persistentReason()));
        json.addProperty("trustOffline", record.trustOffline());
        json.add("marked", marked(view));
        json.add("audit", audit(view.audit()));
        json.add("previous", ended(record.lastEnded()));
        return json;
    }

    /** The live epoch's change id, unless it was given up: an id that is shown can be asked for. */
    private static String askable(ChangeId live, VolumeRecord record) {
        return live == null || record.indexOf(live) < 0 ? null : live.hex();
    }

    private static JsonObject marked(VolumeView view) {
        if (view.dataGranules() < 0) {
            return null;
        }
        long granule = view.record().granularity().bytes();
        JsonObject json = new JsonObject();
        json.addProperty("dataBytes", view.dataGranules() * granule);
        json.addProperty("discardedBytes", view.discardedGranules() * granule);
        return json;
    }

    private static JsonObject audit(AuditFigures audit) {
        if (audit == null) {
            return null;
        }
        JsonObject json = new JsonObject();
        json.addProperty("grade", audit.grade());
        json.addProperty("statWrittenSectors", audit.statWritten());
        json.addProperty("countedWrittenSectors", audit.countedWritten());
        json.addProperty("statDiscardedSectors", audit.statDiscarded());
        json.addProperty("countedDiscardedSectors", audit.countedDiscarded());
        json.addProperty("inFlight", audit.inFlight());
        json.addProperty("skipped", audit.skipped());
        json.addProperty("passthroughUnknown", audit.passthroughUnknown());
        json.addProperty("zoneCommands", audit.zoneCommands());
        return json;
    }

    private static JsonObject ended(EndedSeries ended) {
        if (ended == null) {
            return null;
        }
        JsonObject json = new JsonObject();
        json.addProperty("series", ended.series().hex());
        json.addProperty("reason", ended.trust().reason());
        json.addProperty("evidence", ended.trust().evidence());
        json.addProperty("endedMs", ended.endedMs());
        return json;
    }

    /** An answer without its extents. */
    static JsonObject changes(String device, Answer answer) {
        VolumeRecord record = answer.record();
        boolean complete = answer.trust().isComplete();
        JsonObject json = new JsonObject();
        json.addProperty("device", record == null ? device : record.device());
        json.addProperty("volumeId", record == null ? null : record.id().text());
        json.addProperty("sizeBytes", record == null ? null : record.sizeBytes());
        json.addProperty("granularityBytes", record == null ? null : record.granularity().bytes());
        json.addProperty("complete", complete);
        json.addProperty("reason", answer.trust().reason());
        json.addProperty("evidence", complete ? null : answer.trust().evidence());
        json.addProperty("since", answer.since());
        json.addProperty("until", answer.until());
        return json;
    }

    private static String orNull(String text) {
        return text.isEmpty() ? null : text;
    }
}
