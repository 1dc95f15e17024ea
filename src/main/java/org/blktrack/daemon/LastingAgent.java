package org.blktrack.daemon;

import java.util.List;
import java.util.function.Supplier;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ExitStatus;
import org.blktrack.wire.Agent;
import org.blktrack.wire.AgentRecord;
import org.blktrack.wire.AgentRequest;

/**
 * An agent that is there again when it was gone. The call that met its end fails all the same: nobody knows whether it took effect, and
 * the next judgement finds out.
 */
final class LastingAgent implements Agent {
    private static final String PROTOCOL = "1";

    private final Supplier<Agent> starter;
    private Agent agent;

    LastingAgent(Supplier<Agent> starter) {
        this.starter = starter;
    }

    @Override
    public synchronized List<AgentRecord> call(AgentRequest request) {
        if (agent == null) {
            agent = greeted(starter.get());
        }
        try {
            return agent.call(request);
        } catch (BlktrackException e) {
            if ("AGENT_GONE".equals(e.reason())) {
                close();
            }
            throw e;
        }
    }

    private static Agent greeted(Agent fresh) {
        try {
            String protocol = fresh.call(AgentRequest.of("hello")).get(0).text("protocol");
            if (!protocol.equals(PROTOCOL)) {
                throw new BlktrackException(ExitStatus.FAILED, "AGENT_PROTOCOL",
                        "blktrack-helper speaks protocol " + protocol + ", blktrackd " + PROTOCOL, "Install both of one version.");
            }
            return fresh;
        } catch (BlktrackException e) {
            fresh.close();
            throw e;
        }
    }

    @Override
    public synchronized void close() {
        if (agent != null) {
            agent.close();
            agent = null;
        }
    }
}
