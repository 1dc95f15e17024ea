package org.blktrack.daemon;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.blktrack.model.ChangeId;
import org.blktrack.model.EpochBits;
import org.blktrack.model.Granularity;
import org.blktrack.model.SeriesId;
import org.blktrack.model.Trust;
import org.blktrack.model.VolumeId;
import org.blktrack.track.AuditFigures;
import org.blktrack.track.ClosedEpoch;
import org.blktrack.track.Kernel;
import org.blktrack.track.KernelVolume;
import org.blktrack.track.Rotation;
import org.blktrack.wire.Agent;
import org.blktrack.wire.AgentRecord;
import org.blktrack.wire.AgentRequest;

/** The kernel's tracking state, asked for over the agent's protocol. */
public final class AgentKernel implements Kernel {
    private static final int SECTOR_BYTES = 512;
    /** How long the helper may wait for a volume to come to rest; it thaws within a second whatever happens. */
    private static final int CHECKPOINT_TIMEOUT_MS = 1000;

    /** Maps a pinned epoch. */
    public interface Pins {
        EpochBits open(Path pin, long words);
    }

    private final Agent agent;
    private final Pins pins;
    /** Of an agent whose programs are attached: until then it tells no layout. */
    private AgentRecord attached;

    public AgentKernel(Agent agent, Pins pins) {
        this.agent = agent;
        this.pins = pins;
    }

    @Override
    public KernelVolume probe(String device) {
        return volume(only(agent.call(AgentRequest.of("probe", "device", device))), false, null);
    }

    @Override
    public KernelVolume enable(String device, int granuleBytes, boolean trustOffline, boolean requirePersistent) {
        return tracked(only(agent.call(AgentRequest.of("enable", "device", device, "granule_bytes", granuleBytes,
                "trust_offline", trustOffline ? 1 : 0, "require_persistent", requirePersistent ? 1 : 0))), false);
    }

    @Override
    public void disable(int slot) {
        agent.call(AgentRequest.of("disable", "slot", slot));
    }

    @Override
    public void withdraw(VolumeId id) {
        agent.call(AgentRequest.of("withdraw", "identity", id.text()));
    }

    @Override
    public List<KernelVolume> volumes() {
        List<AgentRecord> records = agent.call(AgentRequest.of("volumes"));
        Map<String, Long> carriers = records.stream()
                .collect(Collectors.groupingBy(each -> each.textOrEmpty("identity"), HashMap::new, Collectors.counting()));
        // Two volumes of one identity: neither may inherit the other's record, so each goes by its place in this boot.
        Function<AgentRecord, Boolean> ambiguous = each -> carriers.get(each.textOrEmpty("identity")) > 1;
        return records.stream().map(each -> tracked(each, ambiguous.apply(each))).toList();
    }

    private KernelVolume tracked(AgentRecord from, boolean ambiguous) {
        // Never complete by default: the helper must say so.
        Trust trust = from.either("trust", "COMPLETE", "UNKNOWN") ? Trust.COMPLETE
                : new Trust(from.text("reason"), from.textOrEmpty("evidence"));
        return volume(from, ambiguous, trust);
    }

    private KernelVolume volume(AgentRecord from, boolean ambiguous, Trust trust) {
        String identity = from.textOrEmpty("identity");
        VolumeId id = identity.isEmpty() || ambiguous
                ? VolumeId.ofThisBoot(hello().text("boot_id"), from.text("dev"), from.textOrEmpty("diskseq"), from.numberOr("start_sector", 0))
                : new VolumeId(identity);
        String series = from.textOrEmpty("series");
        String epoch = from.textOrEmpty("epoch");
        return new KernelVolume((int) from.numberOr("slot", -1), from.text("device"), from.textOrEmpty("disk"), from.text("dev"), id,
                from.number("sectors") * SECTOR_BYTES, new Granularity((int) from.numberOr("granule_bytes", Granularity.DEFAULT.bytes())),
                series.isEmpty() ? null : new SeriesId(series), epoch.isEmpty() ? null : new ChangeId(epoch), trust,
                from.textOrEmpty("grade"), from.textOrEmpty("kind"), from.flag("persistent"),
                from.textOrEmpty("persistent_reason"), from.flag("trust_offline"), from.flag("base_known"), from.numberOr("map_bytes", 0));
    }

    private synchronized AgentRecord hello() {
        if (attached != null) {
            return attached;
        }
        AgentRecord told = only(agent.call(AgentRequest.of("hello")));
        if (told.flag("attached")) {
            attached = told;
        }
        return told;
    }

    @Override
    public Rotation checkpoint(int slot, ChangeId opening) {
        AgentRecord done = only(agent.call(AgentRequest.of("checkpoint", "slot", slot, "change_id", opening,
                "consistency", "freeze", "timeout_ms", CHECKPOINT_TIMEOUT_MS)));
        return new Rotation(new ClosedEpoch(slot, null, done.text("pin"), done.number("words")), done.numberOr("frozen_us", 0),
                done.numberOr("swap_us", 0), done.textOrEmpty("rest"), done.textOrEmpty("carried"));
    }

    @Override
    public List<ClosedEpoch> closed() {
        return agent.call(AgentRequest.of("closed")).stream()
                .map(each -> new ClosedEpoch((int) each.number("slot"), new ChangeId(each.text("epoch")), each.text("pin"),
                        each.number("words")))
                .toList();
    }

    @Override
    public ClosedEpoch peek(int slot) {
        AgentRecord copy = only(agent.call(AgentRequest.of("peek", "slot", slot)));
        return new ClosedEpoch(slot, null, copy.text("pin"), copy.number("words"));
    }

    @Override
    public EpochBits open(ClosedEpoch epoch) {
        return pins.open(Path.of(epoch.pin()), epoch.words());
    }

    @Override
    public void release(ClosedEpoch epoch) {
        agent.call(AgentRequest.of("release", "pin", epoch.pin()));
    }

    @Override
    public List<AuditFigures> audit() {
        return agent.call(AgentRequest.of("audit")).stream().map(AgentKernel::figures).toList();
    }

    private static AuditFigures figures(AgentRecord row) {
        return new AuditFigures((int) row.number("slot"), row.textOrEmpty("grade"), row.numberOr("stat_written", 0),
                row.numberOr("counted_written", 0), row.numberOr("stat_discarded", 0), row.numberOr("counted_discarded", 0),
                row.numberOr("in_flight", 0), row.numberOr("skipped", 0), row.numberOr("passthrough_unknown", 0),
                row.numberOr("zone_commands", 0), row.text("verdict"), row.textOrEmpty("evidence"));
    }

    @Override
    public void distrust(int slot, Trust why) {
        agent.call(AgentRequest.of("distrust", "slot", slot, "reason", why.reason(), "evidence", why.evidence()));
    }

    @Override
    public KernelVolume newSeries(int slot, ChangeId opening) {
        return tracked(only(agent.call(AgentRequest.of("new_series", "slot", slot, "change_id", opening))), false);
    }

    @Override
    public void refreshTable() {
        agent.call(AgentRequest.of("table_refresh"));
    }

    private static AgentRecord only(List<AgentRecord> records) {
        return records.isEmpty() ? new AgentRecord(Map.of()) : records.get(0);
    }
}
