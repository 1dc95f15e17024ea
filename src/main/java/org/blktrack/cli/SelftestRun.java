package org.blktrack.cli;

import com.google.gson.JsonObject;
import com.sun.nio.file.ExtendedOpenOption;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ExitStatus;
import org.blktrack.wire.VarlinkClient;

/** Writers note when each direct write began and ended, while checkpoints are made; then all of them are held against the answers. */
final class SelftestRun {
    private static final int WRITERS = 3;
    private static final int BLOCK = 4096;
    private static final int LARGEST_BLOCKS = 64;
    private static final long PROGRESS_NANOS = 5_000_000_000L;

    private final SelftestBench bench;
    private final long seed;
    private final long durationMs;
    private final PrintWriter progress;
    private final ConcurrentLinkedQueue<SelftestTally.Write> writes = new ConcurrentLinkedQueue<>();
    private final List<SelftestTally.Mark> marks = new ArrayList<>();
    private volatile boolean stop;
    private volatile IOException failure;
    private int granuleBytes;
    private long lastTold = System.nanoTime();

    SelftestRun(SelftestBench bench, long seed, long durationMs, PrintWriter progress) {
        this.bench = bench;
        this.seed = seed;
        this.durationMs = durationMs;
        this.progress = progress;
    }

    SelftestReport run() throws IOException, InterruptedException {
        checkpoint();
        List<Thread> writers = new ArrayList<>();
        for (int i = 0; i < WRITERS; i++) {
            long own = seed * 31 + i;
            writers.add(new Thread(() -> write(own), "writer"));
        }
        writers.forEach(Thread::start);
        Random random = new Random(seed);
        long end = System.nanoTime() + durationMs * 1_000_000;
        try {
            while (System.nanoTime() < end && failure == null) {
                Thread.sleep(50 + random.nextInt(400));
                checkpoint();
                tellProgress();
            }
        } finally {
            stop = true;
            for (Thread writer : writers) {
                writer.join();
            }
        }
        if (failure != null) {
            throw failure;
        }
        checkpoint();
        return compare();
    }

    /** Every few seconds a line: it may go to a log as well as to a terminal. */
    private void tellProgress() {
        if (System.nanoTime() - lastTold > PROGRESS_NANOS) {
            lastTold = System.nanoTime();
            progress.printf("%,d writes, %d checkpoints%n", writes.size(), marks.size());
            progress.flush();
        }
    }

    private void checkpoint() {
        long asked = System.nanoTime();
        JsonObject created = bench.call("CreateCheckpoint", bench.parameters());
        marks.add(new SelftestTally.Mark(Field.requiredText(created, "changeId"), asked, System.nanoTime()));
    }

    private void write(long own) {
        Random random = new Random(own);
        ByteBuffer block = ByteBuffer.allocateDirect((LARGEST_BLOCKS + 1) * BLOCK).alignedSlice(BLOCK);
        try (FileChannel device = FileChannel.open(Path.of(bench.device()), StandardOpenOption.WRITE, ExtendedOpenOption.DIRECT)) {
            while (!stop) {
                int length = (1 + random.nextInt(random.nextInt(LARGEST_BLOCKS) + 1)) * BLOCK;
                long offset = (long) (random.nextDouble() * (SelftestBench.SIZE_BYTES - length) / BLOCK) * BLOCK;
                block.clear().putLong(0, random.nextLong()).limit(length);
                long began = System.nanoTime();
                device.write(block, offset);
                writes.add(new SelftestTally.Write(offset, length, began, System.nanoTime()));
                if (random.nextInt(8) == 0) {
                    Thread.sleep(random.nextInt(5));
                }
            }
        } catch (IOException e) {
            failure = e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private SelftestReport compare() {
        List<BitSet> answers = new ArrayList<>();
        for (int i = 0; i + 1 < marks.size(); i++) {
            answers.add(changed(marks.get(i).id(), marks.get(i + 1).id()));
        }
        SelftestTally tally = new SelftestTally(marks, answers, granuleBytes);
        writes.forEach(tally::add);
        return tally.report();
    }

    private BitSet changed(String since, String until) {
        JsonObject parameters = bench.parameters();
        parameters.addProperty("since", since);
        parameters.addProperty("until", until);
        BitSet granules = new BitSet();
        try (VarlinkClient client = bench.connect()) {
            client.callMore("GetChanges", parameters, reply -> {
                if (!Field.flag(reply, "complete")) {
                    throw new BlktrackException(ExitStatus.UNTRUSTED, Field.text(reply, "reason", ""),
                            "the record was given up: " + Field.text(reply, "reason", "") + " " + Field.text(reply, "evidence", ""), null);
                }
                granuleBytes = (int) Field.number(reply, "granularityBytes");
                for (JsonObject extent : Field.objects(reply, "extents")) {
                    long offset = Field.requiredNumber(extent, "offsetBytes");
                    long end = offset + Field.requiredNumber(extent, "lengthBytes");
                    granules.set((int) (offset / granuleBytes), (int) ((end + granuleBytes - 1) / granuleBytes));
                }
            });
        }
        return granules;
    }
}
