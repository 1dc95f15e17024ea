package org.blktrack.daemon;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ExitStatus;
import org.blktrack.model.Granularity;
import org.blktrack.model.PersistentReason;
import org.blktrack.model.Places;
import org.blktrack.track.Answer;
import org.blktrack.track.ExtentScan;
import org.blktrack.track.Tracker;
import org.blktrack.track.VolumeRecord;
import org.blktrack.track.VolumeView;
import org.blktrack.wire.Agent;
import org.blktrack.wire.AgentRequest;
import org.blktrack.wire.SupportChecks;
import org.blktrack.wire.VarlinkClient;

/** The tracker as a varlink interface; org.blktrack.Tracker.varlink types every field. */
final class TrackerService implements VarlinkService {
    static final String VERSION = "0.1.0";

    /** Each holds files and memory until its last reply is taken. */
    static final int MOST_ANSWERS = 16;
    private static final long ANSWER_WAIT_S = 8;
    /** Of one reply: as objects they take some hundred bytes each. */
    private static final int MOST_EXTENTS = 4096;

    /** What each method takes, as org.blktrack.Tracker.varlink has it. */
    private static final Map<String, Set<String>> PARAMETERS = Map.of(
            "GetStatus", Set.of("device"),
            "Enable", Set.of("device", "granularityBytes", "trustOffline", "requirePersistent"),
            "Disable", Set.of("device"),
            "CreateCheckpoint", Set.of("device"),
            "ListCheckpoints", Set.of("device"),
            "DeleteCheckpoint", Set.of("device", "changeId"),
            "GetChanges", Set.of("device", "since", "until"),
            "Diagnose", Set.of());

    private final Semaphore answers = new Semaphore(MOST_ANSWERS);
    private final Tracker tracker;
    private final Agent agent;
    private final Places places;
    private final BooleanSupplier imagesBehind;

    /** @param imagesBehind whether the next boot would start from an early.conf of before */
    TrackerService(Tracker tracker, Agent agent, Places places, BooleanSupplier imagesBehind) {
        this.tracker = tracker;
        this.agent = agent;
        this.places = places;
        this.imagesBehind = imagesBehind;
    }

    @Override
    public String name() {
        return VarlinkClient.INTERFACE;
    }

    @Override
    public String description() {
        return InterfaceText.read(name());
    }

    @Override
    public void call(String method, JsonObject asked, boolean more, Replies replies) throws IOException {
        if (!PARAMETERS.containsKey(method)) {
            throw VarlinkSession.unknown("MethodNotFound", "method", name() + "." + method);
        }
        CallParameters.requireKnown(asked, PARAMETERS.get(method));
        switch (method) {
            case "GetStatus" -> replies.send(status(asked), false);
            case "Enable" -> replies.send(enable(asked), false);
            case "Disable" -> replies.send(TrackerJson.volume(tracker.disable(CallParameters.volume(asked))), false);
            case "CreateCheckpoint" -> replies.send(TrackerJson.created(tracker.createCheckpoint(CallParameters.volume(asked))), false);
            case "ListCheckpoints" -> replies.send(TrackerJson.checkpoints(tracker.checkpoints(CallParameters.volume(asked))), false);
            case "DeleteCheckpoint" -> {
                tracker.deleteCheckpoint(CallParameters.volume(asked), CallParameters.changeId(asked, "changeId"));
                replies.send(new JsonObject(), false);
            }
            case "GetChanges" -> {
                if (!more) {
                    throw new Fault("org.varlink.service.ExpectedMore", new JsonObject());
                }
                changes(asked, replies);
            }
            case "Diagnose" -> replies.send(SupportChecks.ask(agent), false);
            default -> throw new IllegalStateException(method);
        }
    }

    private JsonObject status(JsonObject asked) {
        boolean behind = imagesBehind.getAsBoolean();
        List<VolumeView> volumes = tracker.status(CallParameters.volumeOrNull(asked));
        return StatusJson.status(agent.call(AgentRequest.of("hello")).get(0), places, agent.call(AgentRequest.of("table_state")).get(0), volumes, behind);
    }

    private JsonObject enable(JsonObject asked) {
        Granularity granularity = Granularity.of(CallParameters.numberOr(asked, "granularityBytes", Granularity.DEFAULT.bytes()));
        String device = CallParameters.device(asked);
        boolean requirePersistent = CallParameters.flag(asked, "requirePersistent");
        // Enabling may itself leave them behind: no one could build them before, so that is told in the answer.
        if (requirePersistent && imagesBehind.getAsBoolean()) {
            throw new BlktrackException(ExitStatus.REFUSED, PersistentReason.IMAGES_BEHIND,
                    device + " can't be tracked across reboots: the boot images hold an older early.conf",
                    "Have them built anew first: 'blktrack boot reapply', as root.");
        }
        VolumeView enabled = tracker.enable(device, granularity.bytes(), CallParameters.flag(asked, "trustOffline"), requirePersistent);
        return StatusJson.enabled(enabled, imagesBehind.getAsBoolean());
    }

    private void takePlace() {
        try {
            if (!answers.tryAcquire(ANSWER_WAIT_S, TimeUnit.SECONDS)) {
                throw new BlktrackException(ExitStatus.BUSY, "BUSY", "blktrackd is sending " + MOST_ANSWERS + " answers already, and begins no more",
                        "Ask again when others have taken theirs; one that takes nothing for a minute is given up.");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BlktrackException(ExitStatus.INTERRUPTED, "INTERRUPTED", "blktrackd is being stopped", null, e);
        }
    }

    private void changes(JsonObject asked, Replies replies) throws IOException {
        String device = CallParameters.volume(asked);
        String since = CallParameters.changeId(asked, "since");
        String until = CallParameters.changeIdOrNull(asked, "until");
        takePlace();
        try (Answer answer = tracker.changes(device, since, until)) {
            JsonObject head = TrackerJson.changes(device, answer);
            if (answer.bits() == null) {
                head.add("extents", null);
                replies.send(head, false);
                return;
            }
            stream(answer, head, replies);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        } finally {
            answers.release();
        }
    }

    /** The last reply is the one without 'continues', and empty: until it came, nobody holds the whole answer. */
    private static void stream(Answer answer, JsonObject head, Replies replies) throws IOException {
        VolumeRecord record = answer.record();
        ExtentScan.scan(answer.bits(), record.granularity().granules(record.sizeBytes()), (bounds, discarded, runs) -> {
            for (int from = 0; from < runs; from += MOST_EXTENTS) {
                send(head, TrackerJson.extents(record, bounds, discarded, from, Math.min(runs, from + MOST_EXTENTS)), true, replies);
            }
        });
        send(head, new JsonArray(), false, replies);
    }

    private static void send(JsonObject head, JsonArray extents, boolean continues, Replies replies) {
        JsonObject reply = new JsonObject();
        head.entrySet().forEach(entry -> reply.add(entry.getKey(), entry.getValue()));
        reply.add("extents", extents);
        try {
            replies.send(reply, continues);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
