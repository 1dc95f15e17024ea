package org.blktrack.boot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.blktrack.bootscript.Tree;
import org.blktrack.linux.AtomicFile;
import org.blktrack.model.Digest;

/** The files of an installation in one tree: what is there, what is ours, writing and deleting. */
final class HookFiles {
    private static final String SAVED = "/var/lib/blktrack/saved";

    private final Tree tree;
    private final Map<String, String> received;

    /** @param received SHA-256 by path of what an earlier installation wrote */
    HookFiles(Tree tree, Map<String, String> received) {
        this.tree = tree;
        this.received = received;
    }

    /** @throws Refusal FOREIGN_FILE where someone else's file has the name of one of ours */
    void requireNoForeign(List<HookFile> files) {
        for (HookFile file : files) {
            boolean known = received.containsKey(file.path());
            if (Files.exists(tree.place(file.path()), LinkOption.NOFOLLOW_LINKS) && !known && !isWritten(file)) {
                throw new Refusal(
                        "FOREIGN_FILE",
                        "can't write " + file.path() + ": it is there already, and not from blktrack",
                        "Move it out of the way.");
            }
        }
    }

    boolean isWritten(HookFile file) {
        return Files.isRegularFile(tree.place(file.path()), LinkOption.NOFOLLOW_LINKS)
                && rightsFault(file).isEmpty()
                && tree.text(file.path()).equals(file.content());
    }

    HookState state(String place, HookFile file) {
        return new HookState(file.hook(), place, file.path(), standing(file), tree.exists(file.path()) ? rightsFault(file) : "");
    }

    /** Init runs it as root: none but root may own it or write to it. In a tree that a user has made, he is its root. */
    private String rightsFault(HookFile file) {
        try {
            Path path = tree.resolve(file.path());
            int mode = (int) Files.getAttribute(path, "unix:mode") & 07777;
            Object owner = Files.getAttribute(path, "unix:uid");
            if (!owner.equals(0) && !owner.equals(Files.getAttribute(tree.root(), "unix:uid"))) {
                return "owner " + owner;
            }
            return mode == file.mode() ? "" : "mode " + Integer.toOctalString(mode);
        } catch (IOException gone) {
            return "can't be read";
        }
    }

    private HookState.Standing standing(HookFile file) {
        if (isWritten(file)) {
            return HookState.Standing.IN_PLACE;
        }
        boolean there = tree.exists(file.path());
        if (there && Digest.sha256Latin1(tree.text(file.path())).equals(received.get(file.path()))) {
            return rightsFault(file).isEmpty() ? HookState.Standing.OUTDATED : HookState.Standing.OVERWRITTEN;
        }
        if (tree.exists(file.path() + ".rpmsave")) {
            return HookState.Standing.RPMSAVE;
        }
        return there ? HookState.Standing.OVERWRITTEN : HookState.Standing.MISSING;
    }

    /** Directories that have to be made for these paths, parents first. */
    List<String> absentDirectories(List<String> paths) {
        Set<String> absent = new LinkedHashSet<>();
        for (String path : paths) {
            List<String> chain = new ArrayList<>();
            for (Path up = Path.of(path).getParent(); !tree.exists(up.toString()); up = up.getParent()) {
                chain.add(up.toString());
            }
            Collections.reverse(chain);
            absent.addAll(chain);
        }
        return List.copyOf(absent);
    }

    void makeDirectories(List<String> directories) throws IOException {
        for (String directory : directories) {
            if (!tree.isDirectory(directory)) {
                Files.createDirectory(tree.resolve(directory));
            }
        }
    }

    void write(HookFile file) throws IOException {
        AtomicFile.write(tree.place(file.path()), file.content(), file.mode());
    }

    /**
     * Deletes what was written; a file that someone has edited since is put aside, for it is no longer ours alone.
     *
     * @return what was done, one line each
     */
    List<String> delete() throws IOException {
        List<String> done = new ArrayList<>();
        for (Map.Entry<String, String> entry : received.entrySet()) {
            Path path = tree.place(entry.getKey());
            if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
                AtomicFile.delete(path);
                continue;
            }
            if (Digest.sha256Latin1(tree.text(entry.getKey())).equals(entry.getValue())) {
                AtomicFile.delete(path);
                done.add("delete " + entry.getKey());
            } else {
                copyAside(entry.getKey());
                AtomicFile.delete(path);
                done.add(putAsideLine(entry.getKey()));
            }
        }
        return done;
    }

    /** Removes directories that were made, unless something else has moved in. */
    void deleteDirectories(List<String> directories) throws IOException {
        List<String> childrenFirst = new ArrayList<>(directories);
        Collections.reverse(childrenFirst);
        for (String directory : childrenFirst) {
            if (tree.isDirectory(directory) && tree.names(directory).isEmpty()) {
                Files.delete(tree.resolve(directory));
            }
        }
    }

    static Map<String, String> hashes(List<HookFile> files) {
        Map<String, String> hashes = new LinkedHashMap<>();
        files.forEach(file -> hashes.put(file.path(), Digest.sha256Latin1(file.content())));
        return hashes;
    }

    static String putAsideLine(String name) {
        return "move " + name + ", which was edited, to " + saved(name);
    }

    static String copyAsideLine(String name) {
        return "copy " + name + ", which was edited, to " + saved(name);
    }

    /** Where a file goes that is no longer ours alone. */
    static String saved(String name) {
        return SAVED + name;
    }

    /** Whether someone has edited a file that an installation wrote, so that writing it would lose the edit. */
    boolean isEdited(HookFile file) {
        String hash = received.get(file.path());
        String text = tree.text(file.path());
        return hash != null && tree.isFile(file.path()) && !text.equals(file.content()) && !Digest.sha256Latin1(text).equals(hash);
    }

    void copyAside(String name) throws IOException {
        makeDirectories(absentDirectories(List.of(saved(name))));
        AtomicFile.copy(tree.place(name), tree.place(saved(name)));
    }
}
