package org.blktrack.boot;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.blktrack.bootscript.Tree;
import org.blktrack.linux.AtomicFile;

/**
 * The files in which insserv notes the order it found. Scripts that depend on nothing of each other stand there in an order of
 * chance, so that after an installation and a removal the same facts can be written differently; the text from before is kept,
 * and put back where it says the same.
 */
final class InsservOrder {
    static final String KEPT = "/var/lib/blktrack/insserv";
    /** While it is filled or emptied: a run may be killed between two files, and a part is not the order. */
    private static final String UNFINISHED = KEPT + ".blktrack-new";
    private static final List<String> NAMES = List.of(".depend.boot", ".depend.start", ".depend.stop");

    private InsservOrder() {}

    static void keep(Tree tree) throws IOException {
        // What is kept already is from before the first installation.
        if (tree.isDirectory(KEPT)) {
            return;
        }
        deleteUnfinished(tree);
        Files.createDirectories(tree.resolve(UNFINISHED));
        for (String name : NAMES) {
            Path now = tree.place("/etc/init.d/" + name);
            if (Files.isRegularFile(now, LinkOption.NOFOLLOW_LINKS)) {
                AtomicFile.write(tree.place(UNFINISHED + "/" + name), text(now), 0644);
            }
        }
        AtomicFile.replace(tree.resolve(UNFINISHED), tree.resolve(KEPT));
    }

    static void putBack(Tree tree) throws IOException {
        deleteUnfinished(tree);
        if (!tree.isDirectory(KEPT)) {
            return;
        }
        for (String name : NAMES) {
            Path now = tree.place("/etc/init.d/" + name);
            Path kept = tree.place(KEPT + "/" + name);
            if (tree.isFile(KEPT + "/" + name) && Files.isRegularFile(now, LinkOption.NOFOLLOW_LINKS) && saysTheSame(now, kept)) {
                AtomicFile.write(now, text(kept), 0644);
            }
        }
        AtomicFile.replace(tree.resolve(KEPT), tree.resolve(UNFINISHED));
        deleteUnfinished(tree);
    }

    private static void deleteUnfinished(Tree tree) throws IOException {
        if (tree.isDirectory(UNFINISHED)) {
            for (String name : NAMES) {
                AtomicFile.delete(tree.place(UNFINISHED + "/" + name));
            }
            Files.delete(tree.resolve(UNFINISHED));
        }
    }

    private static String text(Path path) throws IOException {
        return Files.readString(path, StandardCharsets.ISO_8859_1);
    }

    /** The same words, whatever their order. */
    private static boolean saysTheSame(Path one, Path other) throws IOException {
        return Arrays.equals(words(one), words(other));
    }

    private static String[] words(Path path) throws IOException {
        String[] words = text(path).split("[ \n]+");
        Arrays.sort(words);
        return words;
    }
}
