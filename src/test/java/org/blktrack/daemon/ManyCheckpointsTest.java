package org.blktrack.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ChangeId;
import org.blktrack.model.ExitStatus;
import org.blktrack.track.Tracker;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A chain that nobody deletes from must not grow until the daemon's heap is too small for its record. */
class ManyCheckpointsTest {
    private static final int MOST = 10_000;

    @TempDir
    Path folder;

    /** As if so many had been made before. @return the oldest */
    private static String putBefore(Path record, int checkpoints) throws IOException {
        String stored = Files.readString(record);
        JsonObject json = JsonParser.parseString(stored.substring(0, stored.lastIndexOf("crc32c="))).getAsJsonObject();
        JsonArray chain = new JsonArray();
        for (int i = 0; i < checkpoints; i++) {
            JsonObject checkpoint = new JsonObject();
            checkpoint.addProperty("changeId", ChangeId.random().hex());
            checkpoint.addProperty("createdMs", i);
            checkpoint.addProperty("deleted", false);
            checkpoint.addProperty("rest", "none");
            chain.add(checkpoint);
        }
        String oldest = chain.get(0).getAsJsonObject().get("changeId").getAsString();
        chain.addAll(json.getAsJsonArray("checkpoints"));
        json.add("checkpoints", chain);
        CRC32C crc = new CRC32C();
        crc.update((json + "\n").getBytes(StandardCharsets.UTF_8));
        Files.writeString(record, json + "\n" + String.format("crc32c=%08x\n", crc.getValue()));
        return oldest;
    }

    @Test
    void oneMoreIsRefusedUntilOneIsDeleted() throws IOException {
        Machine machine = new Machine(folder);
        machine.daemon().enable(Machine.A, 4096, false, false);
        Path record;
        try (Stream<Path> records = Files.list(machine.places.volumes())) {
            record = records.findFirst().orElseThrow();
        }
        String oldest = putBefore(record, MOST - 2);
        Tracker tracker = machine.daemon();
        String last = tracker.createCheckpoint(Machine.A).id().hex();
        BlktrackException refusal = assertThrows(BlktrackException.class, () -> tracker.createCheckpoint(Machine.A));
        assertEquals("TOO_MANY_CHECKPOINTS", refusal.reason());
        assertEquals(ExitStatus.REFUSED, refusal.status());
        assertTrue(refusal.remedy().contains("blktrack checkpoint delete " + Machine.A), refusal.remedy());
        // Nothing was changed: the epoch goes on, and so do answers.
        assertEquals(last, tracker.checkpoints(Machine.A).live().hex());
        machine.kernel.volume(Machine.A).write(1, 5);
        assertEquals(4, Machine.bits(tracker.changes(Machine.A, last, null))[0].cardinality());
        tracker.deleteCheckpoint(Machine.A, oldest);
        tracker.createCheckpoint(Machine.A);
        assertEquals(4, Machine.bits(tracker.changes(Machine.A, last, null))[0].cardinality());
    }
}
