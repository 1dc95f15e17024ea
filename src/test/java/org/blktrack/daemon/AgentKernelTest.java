package org.blktrack.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.Trust;
import org.blktrack.wire.Agent;
import org.blktrack.wire.AgentRecord;
import org.blktrack.wire.AgentRequest;
import org.junit.jupiter.api.Test;

class AgentKernelTest {
    private static final String DEVICE = "/dev/a";

    /** @param said null: the key is left out */
    private static Trust trust(String said) {
        FakeKernel kernel = new FakeKernel();
        kernel.device(DEVICE, "8:1", "partuuid:a");
        new AgentKernel(kernel, kernel::open).enable(DEVICE, 4096, false, false);
        Agent saying = new Agent() {
            @Override
            public List<AgentRecord> call(AgentRequest request) {
                Map<String, String> values = new LinkedHashMap<>(kernel.call(request).get(0).values());
                values.remove("trust");
                if (said != null) {
                    values.put("trust", said);
                }
                return List.of(new AgentRecord(values));
            }

            @Override
            public void close() {
                kernel.close();
            }
        };
        return new AgentKernel(saying, kernel::open).volumes().get(0).trust();
    }

    @Test
    void onlyWhatIsCalledCompleteIsComplete() {
        assertTrue(trust("COMPLETE").isComplete());
        assertFalse(trust("UNKNOWN").isComplete());
        for (String other : new String[] {null, "", "complete", "PARTIAL"}) {
            assertEquals("AGENT_PROTOCOL", assertThrows(BlktrackException.class, () -> trust(other)).reason(), other);
        }
    }
}
