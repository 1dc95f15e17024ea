package org.blktrack.daemon;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ChangeId;
import org.blktrack.model.EpochBits;
import org.blktrack.model.ExitStatus;
import org.blktrack.model.SeriesId;
import org.blktrack.track.HeapEpoch;
import org.blktrack.wire.Agent;
import org.blktrack.wire.AgentCodec;
import org.blktrack.wire.AgentRecord;
import org.blktrack.wire.AgentRequest;

/** The agent's protocol over volumes in memory: its second implementation. It outlives daemons, as the kernel does. */
final class FakeKernel implements Agent {
    /** Told before and after each request takes effect; may throw to end the daemon there. */
    interface Listener {
        void at(String step);
    }

    static final class Volume {
        int slot;
        final String device;
        final String number;
        final String identity;
        long sectors;
        int granuleBytes;
        String series = SeriesId.random().hex();
        String epoch = ChangeId.random().hex();
        String reason = "";
        String evidence = "";
        String verdict = "";
        long counted;
        /** Has not been seen at rest since marking began. */
        boolean busy;
        BitSet data = new BitSet();
        BitSet discarded = new BitSet();

        Volume(int slot, String device, String number, String identity, long sectors, int granuleBytes) {
            this.slot = slot;
            this.device = device;
            this.number = number;
            this.identity = identity;
            this.sectors = sectors;
            this.granuleBytes = granuleBytes;
        }

        long words() {
            return (sectors * 512 / granuleBytes + 63) / 64;
        }

        void write(int first, int end) {
            data.set(first, end);
            counted += end - first;
        }
    }

    /** Devices of the machine: path to number and identity. */
    final Map<String, String[]> devices = new LinkedHashMap<>();
    final Map<Integer, Volume> volumes = new TreeMap<>();
    private final Map<String, HeapEpoch> pins = new LinkedHashMap<>();
    private final List<AgentRecord> closed = new ArrayList<>();
    /** Identities whose place in the tracking table was taken away while they were absent. */
    final List<String> withdrawn = new ArrayList<>();
    private int pinCount;
    int refreshes;
    String bootId = "boot-1";
    String layout = "bits";
    /** What is enabled is being written without a pause. */
    boolean comesBusy;
    /** The device has become another volume: no series can be begun on it. */
    boolean replaced;
    /** The device is gone while the kernel's record of it stays. */
    boolean gone;
    /** What is begun anew comes into the lowest free slot. */
    boolean moves;
    /** Its hooks are in place. */
    boolean persistent;
    long deviceSectors = 4096L * 128;
    Listener listener = step -> {};

    void device(String path, String number, String identity) {
        devices.put(path, new String[] {number, identity});
    }

    Volume volume(String device) {
        return volumes.values().stream().filter(each -> each.device.equals(device)).findFirst().orElseThrow();
    }

    /** The device goes, and what the kernel kept of it lies in the table. */
    Volume takeAway(String device) {
        Volume volume = volume(device);
        volumes.remove(volume.slot);
        devices.remove(device);
        return volume;
    }

    /** It comes back, and the helper takes it over. */
    void putBack(Volume volume) {
        device(volume.device, volume.number, volume.identity);
        volume.slot = volumes.containsKey(volume.slot) ? freeSlot() : volume.slot;
        volumes.put(volume.slot, volume);
    }

    /** What a reboot does to closed epochs. */
    void dropClosed() {
        closed.forEach(each -> pins.remove(each.text("pin")));
        closed.clear();
    }

    int heldPins() {
        return pins.size();
    }

    String number(String device) {
        if (!devices.containsKey(device)) {
            throw new BlktrackException(ExitStatus.REFUSED, "NO_SUCH_DEVICE", device + " does not exist", null);
        }
        return devices.get(device)[0];
    }

    EpochBits open(Path pin, long words) {
        HeapEpoch epoch = pins.get(pin.toString());
        if (epoch == null || epoch.words() != words) {
            throw new BlktrackException(ExitStatus.FAILED, "PIN_NOT_READABLE", "no pin " + pin, null);
        }
        return epoch;
    }

    /** Everything goes through the codec, both ways, as on the socket. */
    @Override
    public List<AgentRecord> call(AgentRequest request) {
        listener.at("before " + request.verb());
        byte[] reply;
        try {
            AgentRequest received = AgentCodec.decodeRequest(AgentCodec.encode(request));
            reply = AgentCodec.encodeReply(answer(received.verb(), new AgentRecord(received.keys())));
        } catch (BlktrackException refusal) {
            reply = AgentCodec.encodeError(record("status", refusal.status().code(), "name", refusal.reason(), "message",
                    refusal.getMessage(), "remedy", ""));
        }
        listener.at("after " + request.verb());
        return AgentCodec.decodeReply(reply);
    }

    private List<AgentRecord> answer(String verb, AgentRecord keys) {
        switch (verb) {
            case "hello":
                return List.of(record("protocol", 1, "boot_id", bootId, "attached", 1, "kernel", "6.1", "layout", layout));
            case "support":
                return List.of(record("check", "btf", "ok", "yes", "detail", "there", "remedy", ""));
            case "table_state":
                return List.of(record("state", "none", "path", "", "uuid", "", "writable_by_address", "yes", "reason", ""));
            case "probe":
                String[] found = devices.get(keys.text("device"));
                number(keys.text("device"));
                return List.of(describe(new Volume(-1, keys.text("device"), found[0], found[1], deviceSectors, 4096), false));
            case "enable":
                return List.of(enable(keys));
            case "disable":
                volumes.remove((int) keys.number("slot"));
                return List.of();
            case "withdraw":
                withdrawn.add(keys.text("identity"));
                return List.of();
            case "volumes":
                return volumes.values().stream().map(each -> describe(each, true)).toList();
            case "checkpoint":
                return List.of(checkpoint(slot(keys), keys.text("change_id")));
            case "closed":
                return List.copyOf(closed);
            case "peek":
                Volume volume = slot(keys);
                return List.of(pin(volume, "peek", volume.words()));
            case "release":
                pins.remove(keys.text("pin"));
                closed.removeIf(each -> each.text("pin").equals(keys.text("pin")));
                return List.of();
            case "audit":
                return volumes.values().stream().map(FakeKernel::audit).toList();
            case "distrust":
                slot(keys).reason = keys.text("reason");
                slot(keys).evidence = keys.text("evidence");
                return List.of();
            case "new_series":
                if (gone) {
                    throw new BlktrackException(ExitStatus.FAILED, "NO_DEVICE",
                            "device " + slot(keys).number + " is not in /sys/dev/block: No such file or directory", null);
                }
                if (replaced) {
                    throw new BlktrackException(ExitStatus.REFUSED, "DEVICE_REPLACED", slot(keys).device + " is another volume now", "Disable it.");
                }
                return List.of(newSeries(slot(keys), keys.text("change_id")));
            case "table_refresh":
                refreshes++;
                return List.of(record("pages_written", 0, "bytes", 0));
            default:
                throw new BlktrackException(ExitStatus.FAILED, "UNKNOWN_VERB", "unknown verb " + verb, null);
        }
    }

    private AgentRecord enable(AgentRecord keys) {
        String device = keys.text("device");
        String number = number(device);
        Volume volume = new Volume(freeSlot(), device, number, devices.get(device)[1], deviceSectors, (int) keys.number("granule_bytes"));
        volume.busy = comesBusy;
        volumes.put(volume.slot, volume);
        return describe(volume, true);
    }

    private int freeSlot() {
        int slot = 0;
        while (volumes.containsKey(slot)) {
            slot++;
        }
        return slot;
    }

    private AgentRecord checkpoint(Volume volume, String changeId) {
        AgentRecord pinned = pin(volume, "epoch", volume.words());
        closed.add(record("slot", volume.slot, "epoch", volume.epoch, "pin", pinned.text("pin"), "words", volume.words()));
        volume.epoch = changeId;
        volume.data = new BitSet();
        volume.discarded = new BitSet();
        return record("pin", pinned.text("pin"), "words", volume.words(), "frozen_us", 900, "swap_us", 400, "rest", "frozen",
                "carried", "in_flight");
    }

    private AgentRecord pin(Volume volume, String kind, long words) {
        String pin = "/sys/fs/bpf/fake/" + kind + "-" + pinCount++;
        pins.put(pin, new HeapEpoch(words, (BitSet) volume.data.clone(), (BitSet) volume.discarded.clone()));
        return record("pin", pin, "words", words);
    }

    private AgentRecord newSeries(Volume volume, String changeId) {
        if (moves) {
            volumes.remove(volume.slot);
            volume.slot = freeSlot();
            volumes.put(volume.slot, volume);
        }
        volume.series = SeriesId.random().hex();
        volume.epoch = changeId;
        volume.reason = "";
        volume.evidence = "";
        volume.verdict = "";
        volume.data = new BitSet();
        volume.discarded = new BitSet();
        return describe(volume, true);
    }

    private Volume slot(AgentRecord keys) {
        Volume volume = volumes.get((int) keys.number("slot"));
        if (volume == null) {
            throw new BlktrackException(ExitStatus.REFUSED, "NO_SUCH_SLOT", "slot " + keys.text("slot") + " is free", null);
        }
        return volume;
    }

    private static AgentRecord audit(Volume volume) {
        return record("slot", volume.slot, "grade", "EXACT", "stat_written", volume.counted, "counted_written", volume.counted,
                "stat_discarded", 0, "counted_discarded", 0, "in_flight", 0, "skipped", 0, "passthrough_unknown", 0, "zone_commands", 0,
                "verdict", volume.verdict, "evidence", volume.verdict.isEmpty() ? "" : "seen by the\naudit: 100 %");
    }

    /** A page, and two rows of marks and chunks in whole pages. */
    private long mapBytes(Volume volume) {
        long granules = (volume.sectors * 512 + volume.granuleBytes - 1) / volume.granuleBytes;
        long marks = layout.equals("bits") ? (granules + 7) / 8 : granules;
        return 4096 + (2 * (marks + (granules + 4095) / 4096) + 4095) / 4096 * 4096;
    }

    private AgentRecord describe(Volume volume, boolean tracked) {
        AgentRecord described = record("device", volume.device, "disk", "sda", "dev", volume.number, "diskseq", 1, "sectors", volume.sectors,
                "start_sector", 0, "granule_bytes", volume.granuleBytes, "identity", volume.identity, "grade", "EXACT", "kind",
                "virtio", "persistent", persistent ? "yes" : "no", "persistent_reason", persistent ? "" : "HOOKS_MISSING", "trust_offline", 0, "attached_boottime_ns", 1,
                "base_known", volume.busy ? 0 : 1, "map_bytes", mapBytes(volume));
        if (tracked) {
            described.values().put("slot", String.valueOf(volume.slot));
            described.values().put("series", volume.series);
            described.values().put("trust", volume.reason.isEmpty() ? "COMPLETE" : "UNKNOWN");
            described.values().put("reason", volume.reason);
            described.values().put("evidence", volume.evidence);
            described.values().put("epoch", volume.epoch);
        }
        return described;
    }

    static AgentRecord record(Object... pairs) {
        return new AgentRecord(new LinkedHashMap<>(AgentRequest.of("", pairs).keys()));
    }

    @Override
    public void close() {
        // The kernel stays.
    }
}
