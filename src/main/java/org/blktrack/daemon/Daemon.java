package org.blktrack.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.function.BooleanSupplier;
import org.blktrack.linux.BlockDevice;
import org.blktrack.linux.Disk;
import org.blktrack.linux.Meminfo;
import org.blktrack.linux.WriteProbe;
import org.blktrack.linux.PinnedEpoch;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ExitStatus;
import org.blktrack.model.IoCause;
import org.blktrack.model.Places;
import org.blktrack.track.Tracker;
import org.blktrack.wire.AgentProcess;

/** blktrackd: puts the parts together and keeps them until it is told to stop. Its end, however it comes, leaves the kernel tracking. */
public final class Daemon {
    private final Places places;
    private final Path helper;
    private final BooleanSupplier imagesBehind;

    /**
     * @param helper path of blktrack-helper
     * @param imagesBehind whether the next boot would start from an early.conf of before
     */
    public Daemon(Places places, Path helper, BooleanSupplier imagesBehind) {
        this.places = places;
        this.helper = helper;
        this.imagesBehind = imagesBehind;
    }

    /**
     * Serves until SIGTERM or SIGINT.
     *
     * @throws BlktrackException {@code BUSY} where another daemon works on the state folder
     */
    public void run() {
        makeRunFolder();
        StateLock lock = StateLock.take(places.stateDir());
        LastingAgent agent = new LastingAgent(() -> AgentProcess.start(helper, places));
        try {
            Tracker tracker = new Tracker(new AgentKernel(agent, PinnedEpoch::open), BlockDevice::number, places, new Disk(new WriteProbe(places.volumes())),
                    Meminfo.totalBytes(), System::currentTimeMillis);
            tracker.start();
            serve(tracker, agent);
            tracker.bringHome();
        } finally {
            agent.close();
            lock.close();
        }
    }

    private void serve(Tracker tracker, LastingAgent agent) {
        VarlinkServer server = VarlinkServer.listen(places.socket(), new TrackerService(tracker, agent, places, imagesBehind));
        Thread main = Thread.currentThread();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            server.close();
            try {
                main.join(5000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            // Being told to stop is no failure; the JVM would end with 143.
            Runtime.getRuntime().halt(ExitStatus.DONE.code());
        }));
        new Heartbeat(tracker, () -> {
            if (!Files.isDirectory(places.runDir())) {
                makeRunFolder();
            }
            server.tend();
        }).start();
        System.err.println("blktrackd: ready on " + places.socket());
        server.serve();
    }

    /** Everybody may look for the socket in it; the socket's own mode says who may ask. */
    private void makeRunFolder() {
        try {
            Files.createDirectories(places.stateDir());
            Files.createDirectories(places.runDir());
            Files.setPosixFilePermissions(places.runDir(), PosixFilePermissions.fromString("rwxr-xr-x"));
        } catch (IOException e) {
            throw new BlktrackException(ExitStatus.FAILED, "STATE_NOT_WRITABLE", "cannot make " + places.runDir() + ": " + IoCause.of(e),
                    IoCause.remedy(e, places.runDir()), e);
        }
    }
}
