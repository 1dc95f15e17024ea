package org.blktrack.wire;

import java.util.concurrent.TimeUnit;
import org.blktrack.linux.ProcessState;

/**
 * Ends an agent that won't answer: one that a signal has stopped, or whose time is up. Any verb may be cut short so: the kernel goes on
 * marking, and the next helper undoes what was half done.
 */
final class AgentWatch implements AutoCloseable {
    private static final long STEP_MS = 250;
    /** A terminal stops and continues the daemon and its agent together; that passes. */
    private static final long STOPPED_MS = 1000;

    private final Process process;
    private final Runnable hangUp;
    private final long limitMs;
    private final Thread thread = new Thread(this::watch, "agent-watch");
    private volatile String verdict;

    /** @param hangUp ends the wait for an answer also where the process can't be killed, as long as a disk keeps it */
    AgentWatch(Process process, Runnable hangUp, long limitMs) {
        this.process = process;
        this.hangUp = hangUp;
        this.limitMs = limitMs;
        thread.setDaemon(true);
        thread.start();
    }

    static long limitMs(String verb) {
        return switch (verb) {
            // They look at the kernel's tables, after 5 s at most of waiting for another helper.
            case "hello", "volumes", "distrust", "release", "table_state" -> 8_000;
            // It looks for moments of rest: an eighth of a second for a busy volume, of which there may be 256.
            case "audit" -> 40_000;
            // The others copy whole epochs, or wait for disks.
            default -> 120_000;
        };
    }

    /** @return why the agent was ended, or null: it was not */
    String verdict() {
        return verdict;
    }

    private void watch() {
        long began = System.nanoTime();
        long stoppedMs = 0;
        try {
            while (verdict == null) {
                Thread.sleep(Math.min(STEP_MS, limitMs));
                stoppedMs = ProcessState.isStopped(process.pid()) ? stoppedMs + STEP_MS : 0;
                if (stoppedMs >= STOPPED_MS) {
                    end("had been stopped by a signal");
                } else if (System.nanoTime() - began >= TimeUnit.MILLISECONDS.toNanos(limitMs)) {
                    end("did not answer within " + limitMs / 1000 + " s");
                }
            }
        } catch (InterruptedException answered) {
            // In time.
        }
    }

    private void end(String why) {
        verdict = "blktrack-helper (process " + process.pid() + ") " + why + ", and was ended";
        process.destroyForcibly();
        hangUp.run();
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
