package org.blktrack.wire;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ExitStatus;
import org.blktrack.model.Places;

/**
 * Starts {@code blktrack-helper agent} and speaks with it. Java can't hand a socket to a child, so the child connects to one
 * that is made for it alone and removed at once.
 */
public final class AgentProcess implements Agent {
    private static final long CONNECT_TIMEOUT_MS = 10_000;
    private static final long END_TIMEOUT_MS = 1000;

    private final Process process;
    private final AgentChannel channel;

    private AgentProcess(Process process, AgentChannel channel) {
        this.process = process;
        this.channel = channel;
    }

    /** @param helper path of blktrack-helper; the run folder must exist */
    public static AgentProcess start(Path helper, Places places) {
        if (!Files.isExecutable(helper)) {
            throw new BlktrackException(ExitStatus.FAILED, "HELPER_MISSING", "no blktrack-helper at " + helper,
                    "Install it there, or name it in BLKTRACK_HELPER.");
        }
        Path meeting = places.runDir().resolve("agent." + ProcessHandle.current().pid() + "." + System.nanoTime());
        Process process = null;
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixAddress.of(meeting));
            process = new ProcessBuilder(command(helper, places, meeting))
                    .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            SocketChannel stream = accept(server, process);
            return new AgentProcess(process, new AgentChannel(stream));
        } catch (IOException e) {
            if (process != null) {
                process.destroyForcibly();
            }
            throw new BlktrackException(ExitStatus.FAILED, "HELPER_NOT_STARTED",
                    "cannot start " + helper + ": " + e.getMessage(), "Run it by hand: " + helper + " --state-dir " + places.stateDir() + " status", e);
        } finally {
            meeting.toFile().delete();
        }
    }

    private static List<String> command(Path helper, Places places, Path meeting) {
        // Always, for the helper's environment may name another instance.
        return List.of(helper.toString(), "--state-dir", places.stateDir().toString(), "agent", "--connect", meeting.toString());
    }

    private static SocketChannel accept(ServerSocketChannel server, Process process) throws IOException {
        server.configureBlocking(false);
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(CONNECT_TIMEOUT_MS);
        try (Selector selector = Selector.open()) {
            server.register(selector, SelectionKey.OP_ACCEPT);
            while (System.nanoTime() < deadline && process.isAlive()) {
                selector.select(50);
                SocketChannel stream = server.accept();
                if (stream != null) {
                    stream.configureBlocking(true);
                    return stream;
                }
            }
        }
        throw new IOException(process.isAlive() ? "it did not connect within " + CONNECT_TIMEOUT_MS / 1000 + " s"
                : "it ended with status " + process.exitValue() + " (its message stands above)");
    }

    @Override
    public List<AgentRecord> call(AgentRequest request) {
        AgentWatch watch = new AgentWatch(process, channel::close, AgentWatch.limitMs(request.verb()));
        try {
            return channel.call(request);
        } catch (BlktrackException e) {
            throw watch.verdict() == null ? e : new BlktrackException(ExitStatus.FAILED, "AGENT_GONE",
                    watch.verdict() + " while it was asked for '" + request.verb() + "'",
                    "Ask again: the daemon starts another; the kernel went on tracking. Where it hangs again, the kernel's log may tell of a disk.", e);
        } finally {
            watch.close();
        }
    }

    /** Ends the agent; the kernel goes on tracking. */
    @Override
    public void close() {
        channel.close();
        try {
            if (!process.waitFor(END_TIMEOUT_MS, TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
