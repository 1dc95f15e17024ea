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
import java.util.Optional;
import java.util.stream.Stream;
import org.blktrack.linux.PosixFiles;

/**
 * Receipts and backups, in /var/lib/blktrack/boot of the tree: state, so not in /etc; and far from the rcN.d directories, where
 * init would run a copy of halt.
 */
final class StateDirectory {
    private static final String PLACE = "var/lib/blktrack/boot";

    private static final Gson JSON = new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();

    private final Tree tree;

    StateDirectory(Tree tree) {
        this.tree = tree;
    }

    Path path() {
        return tree.resolve(PLACE);
    }

    /** Makes the directory and those above it, each durable before the next. */
    void make() throws ScriptFault {
        try {
            makeDurably(path());
        } catch (IOException e) {
            throw Faults.of("make " + tree.inside(path()), e);
        }
    }

    private static void makeDurably(Path directory) throws IOException {
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            makeDurably(directory.getParent());
            PosixFiles.makeDirectory(directory, 0755);
            PosixFiles.sync(directory.getParent());
        }
    }

    Optional<PatchReceipt> receipt(Script script) throws ScriptFault {
        Path path = ScriptFile.resolve(tree, PLACE + "/" + receiptName(script));
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

    /** Removes everything. */
    void clear() throws ScriptFault {
        if (!Files.isDirectory(path(), LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (Stream<Path> files = Files.list(path())) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
            Files.delete(path());
        } catch (IOException e) {
            throw Faults.of("clear " + tree.inside(path()), e);
        }
    }

    private static String receiptName(Script script) {
        return script.fileName() + ".receipt.json";
    }
}
