package org.blktrack.bootscript;

import com.google.gson.GsonBuilder;
import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.blktrack.linux.PosixFiles;

/**
 * Receipts and backups, in /var/lib/blktrack/boot of the tree: state, so not in /etc; and far from the rcN.d directories, where
 * init would run a copy of halt.
 */
final class StateDirectory {
    private static final String PLACE = "var/lib/blktrack/boot";

    /** An empty file in it: the directory above was not there before, and goes with it. */
    private static final String MADE_PARENT = "made-parent";
    private static final Gson JSON = new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();

    private final Tree tree;

    StateDirectory(Tree tree) {
        this.tree = tree;
    }

    Path path() {
        return tree.resolve(PLACE);
    }

    boolean exists() {
        return Files.isDirectory(path(), LinkOption.NOFOLLOW_LINKS);
    }

    /** Makes the directory and those above it, each durable before the next. */
    void make() throws ScriptFault {
        Path path = path();
        try {
            if (Files.exists(path.getParent())) {
                makeDurably(path);
            } else {
                makeWithParent(path);
            }
        } catch (IOException e) {
            throw Faults.of("make " + tree.inside(path), e);
        }
    }

    /** The parent appears with the mark in it, so that there is none of which a crash has left unsaid who made it. */
    private static void makeWithParent(Path path) throws IOException {
        Path fresh = aside(path.getParent());
        Path directory = fresh.resolve(path.getFileName());
        makeDurably(directory);
        Path mark = directory.resolve(MADE_PARENT);
        if (!Files.exists(mark)) {
            PosixFiles.create(mark, new byte[0]);
            PosixFiles.sync(directory);
        }
        PosixFiles.rename(fresh, path.getParent());
        PosixFiles.sync(fresh.getParent());
    }

    /** Another name for it, while it is not yet, or no longer, whole. */
    private static Path aside(Path parent) {
        return parent.resolveSibling("." + parent.getFileName() + ".new");
    }

    private static void makeDurably(Path directory) throws IOException {
        if (Files.isDirectory(directory)) {
            return;
        }
        makeDurably(directory.getParent());
        PosixFiles.makeDirectory(directory, 0755);
        PosixFiles.sync(directory.getParent());
    }

    Optional<PatchReceipt> receipt(Script script) throws ScriptFault {
        Path path = tree.resolve(PLACE + "/" + receiptName(script));
        try {
            if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
                return Optional.empty();
            }
            return Optional.ofNullable(JSON.fromJson(Files.readString(path), PatchReceipt.class));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException | JsonParseException e) {
            throw new ScriptFault(Reason.IO, "read the receipt " + tree.inside(path) + ": " + e.getMessage());
        }
    }

    void write(Script script, PatchReceipt receipt) throws ScriptFault {
        write(receiptName(script), (JSON.toJson(receipt) + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /** Keeps a copy of the file as it is; one with the same content is not written again. */
    String keep(ScriptFile file) throws ScriptFault {
        String name = file.script().fileName() + "-" + file.sha256().substring(0, 16) + ".orig";
        if (!Files.isRegularFile(path().resolve(name), LinkOption.NOFOLLOW_LINKS)) {
            write(name, file.bytes());
        }
        return name;
    }

    private void write(String name, byte[] content) throws ScriptFault {
        Path target = path().resolve(name);
        Path fresh = path().resolve("." + name + ".new");
        try {
            Files.deleteIfExists(fresh);
            PosixFiles.create(fresh, content);
            PosixFiles.sync(fresh);
            PosixFiles.rename(fresh, target);
            PosixFiles.sync(path());
        } catch (IOException e) {
            deleteQuietly(fresh);
            throw Faults.of("write " + tree.inside(target), e);
        }
    }

    private static void deleteQuietly(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            // The next run begins by removing it.
        }
    }

    void forget(Script script) throws ScriptFault {
        try {
            Files.deleteIfExists(path().resolve(receiptName(script)));
        } catch (IOException e) {
            throw Faults.of("remove the receipt of " + script.fileName(), e);
        }
    }

    /** Removes everything, and the directory above where {@link #make} made it; a crash in between leaves nothing for ever. */
    void clear() throws ScriptFault {
        Path path = path();
        try {
            if (exists()) {
                for (Path file : entries(path)) {
                    if (!file.getFileName().toString().equals(MADE_PARENT)) {
                        Files.delete(file);
                    }
                }
                boolean made = Files.exists(path.resolve(MADE_PARENT));
                if (made && entries(path.getParent()).size() == 1) {
                    PosixFiles.rename(path.getParent(), aside(path.getParent()));
                } else {
                    deleteMarked(path);
                }
            }
            deleteMarked(aside(path.getParent()).resolve(path.getFileName()));
            Files.deleteIfExists(aside(path.getParent()));
        } catch (IOException e) {
            throw Faults.of("clear " + tree.inside(path), e);
        }
    }

    private static void deleteMarked(Path directory) throws IOException {
        Files.deleteIfExists(directory.resolve(MADE_PARENT));
        Files.deleteIfExists(directory);
    }

    private static List<Path> entries(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.toList();
        }
    }

    private static String receiptName(Script script) {
        return script.fileName() + ".receipt.json";
    }
}
