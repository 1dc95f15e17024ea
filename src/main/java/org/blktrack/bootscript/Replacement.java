package org.blktrack.bootscript;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.blktrack.linux.ExtendedAttributes;
import org.blktrack.linux.FileStatus;
import org.blktrack.linux.InodeFlags;
import org.blktrack.linux.PosixFiles;

/**
 * Puts a new content in a file's place in one step: a copy with every attribute is written beside it and synced, renamed over
 * it, and the directory synced. At every instant the name leads to the whole old file or the whole new one.
 *
 * <p>The copy's name is always the same and begins with a dot, so that one left behind by a crash is found and removed by the
 * next run, and never run by init.
 */
final class Replacement implements AutoCloseable {
    private final ScriptFile file;
    private final Path copy;
    private final FileStatus before;
    private boolean done;

    private Replacement(ScriptFile file, FileStatus before) {
        this.file = file;
        this.before = before;
        this.copy = copyOf(file.path());
    }

    private static Path copyOf(Path path) {
        return path.resolveSibling("." + path.getFileName() + ".blktrack-new");
    }

    /** Refuses what a rename would spoil or what is known to fail; changes nothing. */
    static void check(ScriptFile file) throws ScriptFault {
        try {
            if (PosixFiles.status(file.path()).links() > 1) {
                throw new ScriptFault(Reason.HARD_LINKS, file.inside() + " has more than one hard link");
            }
            if (MountTable.current().holds(file.path())) {
                throw new ScriptFault(Reason.MOUNT_POINT, file.inside() + " is a mount point");
            }
            if (Files.getFileStore(file.path().getParent()).isReadOnly()) {
                throw new ScriptFault(Reason.READ_ONLY, file.inside() + " lies on a read-only file system");
            }
        } catch (IOException e) {
            throw Faults.of("examine " + file.inside(), e);
        }
    }

    /** Writes the copy; the file itself is untouched until {@link #commit()}. */
    static Replacement stage(ScriptFile file, byte[] content) throws ScriptFault {
        try {
            clean(file.path());
            Replacement replacement = new Replacement(file, PosixFiles.status(file.path()));
            try {
                replacement.write(content);
                return replacement;
            } catch (IOException | ScriptFault e) {
                replacement.close();
                throw e;
            }
        } catch (IOException e) {
            throw Faults.of("write a copy of " + file.inside(), e);
        }
    }

    /** Removes a copy that a crash left behind. */
    static void clean(Path path) throws IOException {
        Files.deleteIfExists(copyOf(path));
    }

    private void write(byte[] content) throws IOException, ScriptFault {
        Map<String, byte[]> attributes = ExtendedAttributes.read(file.path());
        int flags = InodeFlags.read(file.path());
        PosixFiles.create(copy, content);
        try {
            PosixFiles.owner(copy, before.owner(), before.group());
            PosixFiles.mode(copy, before.mode()); // after the owner, whose change clears set-id bits
            ExtendedAttributes.write(copy, attributes);
            InodeFlags.write(copy, flags);
        } catch (IOException e) {
            throw new ScriptFault(Reason.ATTRIBUTES, "carry over the attributes of " + file.inside() + ": " + e.getMessage());
        }
        PosixFiles.sync(copy);
        FileStatus after = PosixFiles.status(copy);
        if (after.mode() != before.mode() || after.owner() != before.owner() || after.group() != before.group()
                || InodeFlags.read(copy) != flags
                || !ExtendedAttributes.same(attributes, ExtendedAttributes.read(copy))) {
            throw new ScriptFault(Reason.ATTRIBUTES, "the copy of " + file.inside() + " did not get all its attributes");
        }
    }

    void commit() throws ScriptFault {
        try {
            FileStatus now = PosixFiles.status(file.path());
            if (now.inode() != before.inode() || !Arrays.equals(Files.readAllBytes(file.path()), file.bytes())) {
                throw new ScriptFault(Reason.CHANGED_MEANWHILE, file.inside() + " was changed by someone else meanwhile");
            }
            PosixFiles.rename(copy, file.path());
            done = true;
            PosixFiles.sync(file.path().getParent());
        } catch (IOException e) {
            throw Faults.of("replace " + file.inside(), e);
        }
    }

    boolean committed() {
        return done;
    }

    @Override
    public void close() {
        if (!done) {
            try {
                Files.deleteIfExists(copy);
            } catch (IOException e) {
                // Left for the next run, which begins by removing it.
            }
        }
    }
}
