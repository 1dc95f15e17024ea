package org.blktrack.daemon;

import org.blktrack.model.BlktrackException;
import org.blktrack.track.Tracker;

/**
 * Twice a minute: sees to the server, judges the records, and has the table refreshed when something was written. An idle machine sees no I/O
 * from it.
 */
final class Heartbeat {
    private static final long PERIOD_MS = 30_000;

    private static final long LARGE_HEAP_BYTES = 24 << 20;

    private final Tracker tracker;
    private final Runnable server;
    private String lastTold = "";

    /** @param server what it needs now and then */
    Heartbeat(Tracker tracker, Runnable server) {
        this.tracker = tracker;
        this.server = server;
    }

    void start() {
        Thread thread = new Thread(this::run, "heartbeat");
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        try {
            while (true) {
                Thread.sleep(PERIOD_MS);
                beat(server);
                beat(() -> tracker.tick().forEach(this::tell));
                giveMemoryBack();
            }
        } catch (InterruptedException ended) {
            // The daemon stops.
        }
    }

    /** Many answers at once make the heap large, and the collector makes it small again only when it runs: on an idle daemon it would not. */
    private static void giveMemoryBack() {
        if (Runtime.getRuntime().totalMemory() > LARGE_HEAP_BYTES) {
            System.gc();
        }
    }

    private void beat(Runnable work) {
        try {
            work.run();
        } catch (BlktrackException e) {
            tell(e);
        } catch (RuntimeException defect) {
            // The next beat may fare better; without one nothing would be audited any more.
            defect.printStackTrace();
        }
    }

    /** Once, not twice a minute. */
    private void tell(BlktrackException fault) {
        if (!fault.getMessage().equals(lastTold)) {
            lastTold = fault.getMessage();
            System.err.println("blktrackd: " + lastTold);
        }
    }
}
