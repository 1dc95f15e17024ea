package org.blktrack.daemon;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import org.blktrack.model.Extent;
import org.blktrack.track.Answer;
import org.blktrack.track.Checkpoint;
import org.blktrack.track.Created;
import org.blktrack.track.VolumeRecord;

/** What the tracker answers about checkpoints and changes, as the JSON of the varlink interface. */
final class TrackerJson {
    private TrackerJson() {}

    /** Which volume a reply is about. */
    static JsonObject volume(VolumeRecord record) {
        JsonObject json = new JsonObject();
        json.addProperty("device", record.device());
        json.addProperty("volumeId", record.id().text());
        return json;
    }

    static JsonObject created(Created created) {
        JsonObject json = volume(created.record());
        json.addProperty("changeId", created.id().hex());
        json.addProperty("previousChangeId", created.previous().hex());
        json.addProperty("series", created.record().series().hex());
        json.addProperty("createdMs", created.createdMs());
        json.addProperty("rest", created.rotation().rest());
        json.addProperty("frozenMicros", created.rotation().frozenMicros());
        json.addProperty("swapMicros", created.rotation().swapMicros());
        json.addProperty("carried", created.rotation().carried());
        return json;
    }

    /** Those that can be asked for. */
    static JsonObject checkpoints(VolumeRecord record) {
        JsonArray checkpoints = new JsonArray();
        for (Checkpoint checkpoint : record.checkpoints()) {
            if (!checkpoint.deleted()) {
                JsonObject each = new JsonObject();
                each.addProperty("changeId", checkpoint.id().hex());
                each.addProperty("createdMs", checkpoint.createdMs());
                each.addProperty("rest", checkpoint.rest());
                checkpoints.add(each);
            }
        }
        JsonObject json = volume(record);
        json.add("checkpoints", checkpoints);
        return json;
    }

    /** An answer without its extents. @param device as asked */
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

    /** @param bounds first granule and end of each run @param from the first run @param to the end of the runs */
    static JsonArray extents(VolumeRecord record, long[] bounds, boolean[] discarded, int from, int to) {
        long granule = record.granularity().bytes();
        JsonArray extents = new JsonArray(to - from);
        for (int i = from; i < to; i++) {
            long offset = bounds[2 * i] * granule;
            JsonObject extent = new JsonObject();
            extent.addProperty("offsetBytes", offset);
            extent.addProperty("lengthBytes", Math.min(bounds[2 * i + 1] * granule, record.sizeBytes()) - offset);
            extent.addProperty("kind", (discarded[i] ? Extent.Kind.DISCARDED : Extent.Kind.DATA).label());
            extents.add(extent);
        }
        return extents;
    }
}
