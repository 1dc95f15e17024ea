package org.blktrack.track;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.blktrack.model.ChangeId;
import org.blktrack.model.Granularity;
import org.blktrack.model.SeriesId;
import org.blktrack.model.Trust;
import org.blktrack.model.VolumeId;

/** A volume's record as text: JSON that a person can read, and its CRC32C in a last line. */
final class VolumeJson {
    private static final int FORMAT_VERSION = 1;
    private static final String CRC_LINE = "crc32c=";
    private static final Gson JSON = new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();

    private VolumeJson() {}

    static byte[] encode(VolumeRecord record) {
        JsonObject json = new JsonObject();
        json.addProperty("formatVersion", FORMAT_VERSION);
        json.addProperty("volumeId", record.id().text());
        json.addProperty("device", record.device());
        json.addProperty("granularityBytes", record.granularity().bytes());
        json.addProperty("sizeBytes", record.sizeBytes());
        json.addProperty("tracked", record.tracked());
        json.addProperty("trustOffline", record.trustOffline());
        if (record.series() != null) {
            json.addProperty("series", record.series().hex());
            json.addProperty("seriesStartedMs", record.seriesStartedMs());
        }
        if (record.pending() != null) {
            json.addProperty("pending", record.pending().hex());
        }
        JsonArray checkpoints = new JsonArray();
        record.checkpoints().forEach(checkpoint -> checkpoints.add(checkpoint(checkpoint)));
        json.add("checkpoints", checkpoints);
        JsonArray ended = new JsonArray();
        record.ended().forEach(series -> ended.add(ended(series)));
        json.add("ended", ended);
        String text = JSON.toJson(json) + "\n";
        return (text + CRC_LINE + crc(text) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /** @throws RuntimeException for anything that {@link #encode} did not write */
    static VolumeRecord decode(byte[] bytes) {
        String all = new String(bytes, StandardCharsets.UTF_8);
        int end = all.lastIndexOf(CRC_LINE);
        String text = all.substring(0, Math.max(end, 0));
        if (end < 0 || !all.substring(end).equals(CRC_LINE + crc(text) + "\n")) {
            throw new IllegalArgumentException("its checksum does not match");
        }
        JsonObject json = JsonParser.parseString(text).getAsJsonObject();
        if (json.get("formatVersion").getAsInt() != FORMAT_VERSION) {
            throw new IllegalArgumentException("its format version is " + json.get("formatVersion"));
        }
        List<Checkpoint> checkpoints = new ArrayList<>();
        json.getAsJsonArray("checkpoints").forEach(element -> checkpoints.add(checkpoint(element.getAsJsonObject())));
        List<EndedSeries> ended = new ArrayList<>();
        json.getAsJsonArray("ended").forEach(element -> ended.add(ended(element.getAsJsonObject())));
        SeriesId series = json.has("series") ? new SeriesId(json.get("series").getAsString()) : null;
        return new VolumeRecord(new VolumeId(json.get("volumeId").getAsString()), json.get("device").getAsString(),
                new Granularity(json.get("granularityBytes").getAsInt()), json.get("sizeBytes").getAsLong(),
                json.get("tracked").getAsBoolean(), json.get("trustOffline").getAsBoolean(),
                series, seriesStartedMs(json, checkpoints), List.copyOf(checkpoints),
                json.has("pending") ? new ChangeId(json.get("pending").getAsString()) : null, List.copyOf(ended));
    }

    /** Records of before did not keep it: then the first checkpoint that is left is as near as can be. */
    private static long seriesStartedMs(JsonObject json, List<Checkpoint> checkpoints) {
        if (json.has("seriesStartedMs")) {
            return json.get("seriesStartedMs").getAsLong();
        }
        return checkpoints.isEmpty() ? 0 : checkpoints.get(0).createdMs();
    }

    private static JsonObject checkpoint(Checkpoint checkpoint) {
        JsonObject json = new JsonObject();
        json.addProperty("changeId", checkpoint.id().hex());
        json.addProperty("createdMs", checkpoint.createdMs());
        json.addProperty("deleted", checkpoint.deleted());
        json.addProperty("rest", checkpoint.rest());
        return json;
    }

    private static Checkpoint checkpoint(JsonObject json) {
        return new Checkpoint(new ChangeId(json.get("changeId").getAsString()), json.get("createdMs").getAsLong(),
                json.get("deleted").getAsBoolean(), json.get("rest").getAsString());
    }

    private static JsonObject ended(EndedSeries series) {
        JsonObject json = new JsonObject();
        json.addProperty("series", series.series().hex());
        json.addProperty("reason", series.trust().reason());
        json.addProperty("evidence", series.trust().evidence());
        json.addProperty("endedMs", series.endedMs());
        JsonArray ids = new JsonArray();
        series.ids().forEach(id -> ids.add(id.hex()));
        json.add("changeIds", ids);
        return json;
    }

    private static EndedSeries ended(JsonObject json) {
        List<ChangeId> ids = new ArrayList<>();
        for (JsonElement id : json.getAsJsonArray("changeIds")) {
            ids.add(new ChangeId(id.getAsString()));
        }
        return new EndedSeries(new SeriesId(json.get("series").getAsString()),
                new Trust(json.get("reason").getAsString(), json.get("evidence").getAsString()), json.get("endedMs").getAsLong(), ids);
    }

    private static String crc(String text) {
        CRC32C crc = new CRC32C();
        crc.update(text.getBytes(StandardCharsets.UTF_8));
        return String.format("%08x", crc.getValue());
    }
}
