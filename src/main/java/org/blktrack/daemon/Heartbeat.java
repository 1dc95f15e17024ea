package org.blktrack.daemon;

import org.blktrack.model.BlktrackException;
import org.blktrack.track.Tracker;

/** Judges the records twice a minute, and has the table refreshed when something was written. An idle machine sees no I/O from it. */
final class Heartbeat {
    private static final long PERIOD_MS = 30_000;

    private final Tracker tracker;
    private String lastTold = "";

    Heartbeat(Tracker tracker) {
        this.tracker = tracker;
    }

    void start() {
        Thread thread = new Thread(this::beat, "heartbeat");
        thread.setDaemon(true);
        thread.start();
    }

    private void beat() {
        try {
            while (true) {
                Thread.sleep(PERIOD_MS);
                try {
                    tracker.tick().forEach(this::tell);
                } catch (BlktrackException e) {
                    tell(e);
                } catch (RuntimeException defect) {
                    // The next beat may fare better; without one nothing would be audited any more.
                    defect.printStackTrace();
                }
            }
        } catch (InterruptedException ended) {
            // The daemon stops.
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
