package org.blktrack.wire;

/** Tells once, when one wait has become long, that it has. The wait goes on. */
final class Patience implements AutoCloseable {
    static final long LIMIT_MS = 5000;

    private final Runnable told;
    private final Thread thread = new Thread(this::watch, "patience");
    /** 0: nobody waits. */
    private long beganMs;

    private Patience(Runnable told) {
        this.told = told;
    }

    static Patience start(Runnable told) {
        Patience patience = new Patience(told);
        patience.thread.setDaemon(true);
        patience.thread.start();
        return patience;
    }

    synchronized void begin() {
        beganMs = nowMs();
    }

    synchronized void end() {
        beganMs = 0;
    }

    /** At least 1. */
    private static long nowMs() {
        return Math.max(1, System.nanoTime() / 1_000_000);
    }

    private synchronized long leftMs() {
        return beganMs == 0 ? LIMIT_MS : beganMs + LIMIT_MS - nowMs();
    }

    private void watch() {
        try {
            for (long left = leftMs(); left > 0; left = leftMs()) {
                Thread.sleep(left);
            }
            told.run();
        } catch (InterruptedException answered) {
            // Nothing is waited for any more.
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
