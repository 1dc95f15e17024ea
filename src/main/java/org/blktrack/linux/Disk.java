package org.blktrack.linux;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ExitStatus;
import org.blktrack.model.IoCause;

/**
 * Changes files so that each is the old one or the new one at every instant, and stays so through a power cut: temporary file, fsync,
 * rename, fsync of the folder. Each step is announced to a listener first, where tests stop the world. Nothing is begun on a file system that is
 * frozen: whoever froze it may be waiting for us ({@code STATE_FROZEN}).
 */
public final class Disk {
    public static final String FROZEN = "STATE_FROZEN";

    private static final String TEMPORARY = ".new";
    private static final long PATIENCE_MS = 1000;

    /** Told before each step that changes the disk. */
    public interface StepListener {
        void before(String step);
    }

    /** Fills a new file. */
    public interface Content {
        void writeTo(FileChannel file) throws IOException;
    }

    private final StepListener steps;
    private final WriteProbe probe;

    public Disk() {
        this(step -> {});
    }

    public Disk(StepListener steps) {
        this(steps, new WriteProbe(() -> {}));
    }

    /** @param probe of the file system that all files are on */
    public Disk(WriteProbe probe) {
        this(step -> {}, probe);
    }

    private Disk(StepListener steps, WriteProbe probe) {
        this.steps = steps;
        this.probe = probe;
    }

    /** @throws BlktrackException {@code STATE_FROZEN} */
    public void requireThawed() {
        if (!probe.isWritable(PATIENCE_MS)) {
            throw new BlktrackException(ExitStatus.BUSY, FROZEN,
                    "the file system that blktrackd keeps its records on takes no writes: it is frozen, or its disk hangs",
                    "Thaw it and ask again.");
        }
    }

    public void write(Path path, Content content) {
        Path temporary = path.resolveSibling(path.getFileName() + TEMPORARY);
        requireThawed();
        try {
            steps.before("create " + path.getFileName());
            try (FileChannel file = FileChannel.open(temporary, StandardOpenOption.CREATE, StandardOpenOption.WRITE,
                    StandardOpenOption.TRUNCATE_EXISTING)) {
                content.writeTo(file);
                steps.before("fsync " + path.getFileName());
                file.force(true);
            }
            steps.before("rename " + path.getFileName());
            Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE);
            steps.before("fsync folder of " + path.getFileName());
            syncFolder(path.getParent());
        } catch (IOException e) {
            // Room for the next attempt: on a full disk the half-written file must not stay.
            temporary.toFile().delete();
            throw failed("write", path, e);
        }
    }

    public void delete(Path path) {
        requireThawed();
        try {
            steps.before("delete " + path.getFileName());
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw failed("delete", path, e);
        }
    }

    /** Makes a folder that only its owner may enter, durably. */
    public void makeFolder(Path folder) {
        try {
            if (!Files.isDirectory(folder)) {
                requireThawed();
                steps.before("make folder " + folder.getFileName());
                Files.createDirectories(folder);
                syncFolder(folder.getParent());
            }
        } catch (IOException e) {
            throw failed("make", folder, e);
        }
    }

    /** Removes a folder of plain files. */
    public void deleteFolder(Path folder) {
        if (!Files.isDirectory(folder)) {
            return;
        }
        requireThawed();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                delete(file);
            }
            steps.before("delete folder " + folder.getFileName());
            Files.delete(folder);
        } catch (IOException e) {
            throw failed("delete", folder, e);
        }
    }

    private static void syncFolder(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static BlktrackException failed(String action, Path path, IOException cause) {
        boolean full = IoCause.isNoSpace(cause);
        return new BlktrackException(ExitStatus.FAILED, full ? "DISK_FULL" : "STATE_NOT_WRITABLE",
                "cannot " + action + " " + path + ": " + IoCause.of(cause),
                IoCause.remedy(cause, path) + " Nothing is lost, and the next attempt goes on from here.", cause);
    }
}
