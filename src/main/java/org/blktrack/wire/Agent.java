package org.blktrack.wire;

import java.util.List;
import org.blktrack.model.BlktrackException;

/** The helper's agent: one request at a time. */
public interface Agent extends AutoCloseable {
    /** @throws BlktrackException where the helper refuses, or can't be reached ({@code AGENT_GONE}) */
    List<AgentRecord> call(AgentRequest request);

    @Override
    void close();
}
