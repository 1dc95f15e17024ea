package org.blktrack.track;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.blktrack.linux.Disk;
import org.blktrack.linux.WriteProbe;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ExitStatus;
import org.blktrack.model.IoCause;
import org.blktrack.model.VolumeId;

/**
 * The volumes' records on disk, one file each, and in memory what the files say. While their file system is frozen a record is kept aside, in the run
 * folder, beside what the kernel holds; a daemon that ends brings it home.
 */
final class VolumeStore {
    private static final String SUFFIX = ".json";
    private static final String DAMAGED = ".damaged";

    private final Path folder;
    private final Path aside;
    private final Disk disk;
    private final Disk asideDisk;
    private final Map<VolumeId, VolumeRecord> records = new LinkedHashMap<>();
    private final Set<VolumeId> keptAside = new HashSet<>();
    private final Set<String> damaged = new HashSet<>();

    /** @param aside a folder that need not outlive the boot; made when it is needed */
    VolumeStore(Path folder, Path aside, Disk disk) {
        this.folder = folder;
        this.aside = aside;
        this.disk = disk;
        this.asideDisk = new Disk(new WriteProbe(aside));
        disk.makeFolder(folder);
        load(folder);
        if (Files.isDirectory(aside)) {
            Map<VolumeId, VolumeRecord> atHome = new LinkedHashMap<>(records);
            records.clear();
            load(aside);
            keptAside.addAll(records.keySet());
            atHome.forEach(records::putIfAbsent);
        }
    }

    private void load(Path from) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(from)) {
            for (Path file : files) {
                if (file.toString().endsWith(SUFFIX)) {
                    loadFile(file);
                } else if (file.toString().endsWith(DAMAGED)) {
                    String name = file.getFileName().toString();
                    damaged.add(name.substring(0, name.length() - DAMAGED.length()));
                }
            }
        } catch (IOException e) {
            throw new BlktrackException(ExitStatus.STATE_CORRUPT, "STATE_NOT_READABLE",
                    "cannot read " + from + ": " + IoCause.of(e), IoCause.remedy(e, from), e);
        }
    }

    private void loadFile(Path file) throws IOException {
        try {
            VolumeRecord record = VolumeJson.decode(Files.readAllBytes(file));
            String own = record.id().fileName() + SUFFIX;
            if (!file.getFileName().toString().equals(own)) {
                // Somebody's copy, perhaps an old one: it must not outrank the record itself.
                System.err.println("blktrackd: " + file + " is passed over: the record of " + record.id() + " is " + own);
                return;
            }
            records.put(record.id(), record);
        } catch (RuntimeException e) {
            // Kept aside for whoever wants to know; the volume's series ends when it is met in the kernel.
            String name = file.getFileName().toString();
            name = name.substring(0, name.length() - SUFFIX.length());
            System.err.println("blktrackd: record " + file + " is damaged (" + e.getMessage() + "): kept as " + name + DAMAGED);
            Files.move(file, file.resolveSibling(name + DAMAGED), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
            damaged.add(name);
        }
    }

    List<VolumeRecord> all() {
        return new ArrayList<>(records.values());
    }

    /** @return null where there is none */
    VolumeRecord find(VolumeId id) {
        return records.get(id);
    }

    /** Whether the volume's record was found damaged and nothing was stored since. */
    boolean isDamaged(VolumeId id) {
        return damaged.contains(id.fileName());
    }

    /** Durable when it returns; while the file system is frozen, until the boot ends. */
    VolumeRecord save(VolumeRecord record) {
        if (record.equals(records.get(record.id())) && !keptAside.contains(record.id())) {
            return record;
        }
        try {
            write(disk, folder, record);
        } catch (BlktrackException e) {
            if (!e.reason().equals(Disk.FROZEN)) {
                throw e;
            }
            return keepAside(record);
        }
        records.put(record.id(), record);
        if (keptAside.contains(record.id())) {
            asideDisk.delete(aside.resolve(record.id().fileName() + SUFFIX));
            keptAside.remove(record.id());
        }
        if (damaged.remove(record.id().fileName())) {
            disk.delete(folder.resolve(record.id().fileName() + DAMAGED));
        }
        return record;
    }

    private static void write(Disk disk, Path folder, VolumeRecord record) {
        byte[] text = VolumeJson.encode(record);
        disk.write(folder.resolve(record.id().fileName() + SUFFIX), file -> {
            ByteBuffer bytes = ByteBuffer.wrap(text);
            while (bytes.hasRemaining()) {
                file.write(bytes);
            }
        });
    }

    private VolumeRecord keepAside(VolumeRecord record) {
        if (!record.equals(records.get(record.id()))) {
            asideDisk.makeFolder(aside);
            write(asideDisk, aside, record);
            records.put(record.id(), record);
            keptAside.add(record.id());
        }
        return record;
    }

    /** Brings home what was kept aside, if the file system takes it now. */
    void settle() {
        for (VolumeId id : List.copyOf(keptAside)) {
            try {
                save(records.get(id));
            } catch (BlktrackException e) {
                // It stays aside, and whoever changes it is told.
                System.err.println("blktrackd: " + e.getMessage());
            }
        }
    }

    boolean hasAside() {
        return !keptAside.isEmpty();
    }

    void forget(VolumeId id) {
        disk.delete(folder.resolve(id.fileName() + SUFFIX));
        if (keptAside.remove(id)) {
            asideDisk.delete(aside.resolve(id.fileName() + SUFFIX));
        }
        records.remove(id);
    }
}
