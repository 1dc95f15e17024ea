package org.blktrack.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An agent that won't answer keeps nobody. */
class AgentWatchTest {
    private final CountDownLatch hungUp = new CountDownLatch(1);
    private Process agent;

    @BeforeEach
    void start() throws IOException {
        agent = new ProcessBuilder("sleep", "60").start();
    }

    @AfterEach
    void end() {
        agent.destroyForcibly();
    }

    private void assertEnded(AgentWatch watch, String why) throws InterruptedException {
        assertTrue(hungUp.await(10, TimeUnit.SECONDS));
        assertTrue(agent.waitFor(10, TimeUnit.SECONDS));
        assertEquals("blktrack-helper (process " + agent.pid() + ") " + why + ", and was ended", watch.verdict());
    }

    @Test
    void aStoppedAgentIsEnded() throws Exception {
        assertEquals(0, new ProcessBuilder("kill", "-STOP", String.valueOf(agent.pid())).start().waitFor());
        try (AgentWatch watch = new AgentWatch(agent, hungUp::countDown, 60_000)) {
            assertEnded(watch, "had been stopped by a signal");
        }
    }

    @Test
    void anAgentWhoseTimeIsUpIsEnded() throws Exception {
        try (AgentWatch watch = new AgentWatch(agent, hungUp::countDown, 1000)) {
            assertEnded(watch, "did not answer within 1 s");
        }
    }

    @Test
    void anAgentThatAnsweredIsLeftAlone() throws Exception {
        AgentWatch watch = new AgentWatch(agent, hungUp::countDown, 500);
        watch.close();
        assertTrue(!agent.waitFor(1, TimeUnit.SECONDS));
        assertNull(watch.verdict());
    }
}
