package org.blktrack.daemon;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.List;
import org.blktrack.model.ChangeId;
import org.blktrack.model.PersistentReason;
import org.blktrack.model.Places;
import org.blktrack.model.Reason;
import org.blktrack.model.Trust;
import org.blktrack.track.AuditFigures;
import org.blktrack.track.EndedSeries;
import org.blktrack.track.KernelVolume;
import org.blktrack.track.VolumeRecord;
import org.blktrack.track.VolumeView;
import org.blktrack.wire.AgentRecord;

/** How things are, by the tracker and by the helper, as the JSON of the varlink interface. */
final class StatusJson {
    private StatusJson() {}

    /** @param hello of the helper @param table its {@code table_state} */
    static JsonObject status(AgentRecord hello, Places places, AgentRecord table, List<VolumeView> views, boolean imagesBehind) {
        JsonArray volumes = new JsonArray();
        views.forEach(view -> volumes.add(volume(view, imagesBehind)));
        JsonObject json = new JsonObject();
        json.add("daemon", daemon(hello, places));
        json.add("table", table(table));
        json.add("volumes", volumes);
        return json;
    }

    static JsonObject enabled(VolumeView view, boolean imagesBehind) {
        JsonObject json = new JsonObject();
        json.add("volume", volume(view, imagesBehind));
        return json;
    }

    private static JsonObject daemon(AgentRecord hello, Places places) {
        JsonObject json = new JsonObject();
        json.addProperty("version", TrackerService.VERSION);
        json.addProperty("kernel", hello.textOrEmpty("kernel"));
        json.addProperty("bootId", hello.textOrEmpty("boot_id"));
        json.addProperty("attached", hello.flag("attached"));
        json.addProperty("stateDir", places.stateDir().toString());
        return json;
    }

    private static JsonObject table(AgentRecord state) {
        JsonObject json = new JsonObject();
        json.addProperty("state", state.textOrEmpty("state"));
        json.addProperty("path", state.textOrNull("path"));
        json.addProperty("uuid", state.textOrNull("uuid"));
        json.addProperty("writableByAddress", state.flag("writable_by_address"));
        json.addProperty("reason", state.textOrNull("reason"));
        return json;
    }

    private static JsonObject volume(VolumeView view, boolean imagesBehind) {
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
        json.addProperty("memoryBytes", kernel == null ? 0 : kernel.mapBytes());
        json.addProperty("trust", trust.label());
        json.addProperty("reason", trust.reason());
        json.addProperty("evidence", trust.isComplete() ? null : trust.evidence());
        json.addProperty("series", record.series() == null ? null : record.series().hex());
        json.addProperty("changeId", askable(record.live(), record));
        json.addProperty("seriesStartedMs", record.series() == null ? null : record.seriesStartedMs());
        json.addProperty("checkpoints", record.checkpoints().stream().filter(each -> !each.deleted()).count());
        String notPersistent = notPersistent(view, imagesBehind);
        json.addProperty("persistent", notPersistent == null);
        json.addProperty("persistentReason", notPersistent);
        json.addProperty("trustOffline", record.trustOffline());
        json.add("marked", marked(view));
        json.add("audit", audit(view.audit()));
        json.add("previous", ended(record.lastEnded()));
        return json;
    }

    /** Why the record does not outlive a reboot; null where it does. */
    private static String notPersistent(VolumeView view, boolean imagesBehind) {
        KernelVolume kernel = view.kernel();
        if (kernel == null) {
            return Reason.VOLUME_MISSING.name();
        }
        // The helper goes by what it had at the attach, and nothing of that is saved of a device that is gone.
        String trust = view.trust().reason();
        if (view.record().series() == null && (Reason.VOLUME_MISSING.name().equals(trust) || Reason.DEVICE_REPLACED.name().equals(trust))) {
            return trust;
        }
        if (!kernel.persistent()) {
            return kernel.persistentReason().isEmpty() ? "NO_TABLE" : kernel.persistentReason();
        }
        return imagesBehind ? PersistentReason.IMAGES_BEHIND : null;
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
}
