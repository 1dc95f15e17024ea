package org.blktrack.bootscript;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ExitStatus;

/**
 * The file tree of one system: the running one, or one that lies under {@code --root}. Paths are given as that system sees
 * them, and links are followed as they would be after a chroot, so no link leads out of the tree.
 */
public final class Tree {
    private static final int LINKS_AT_MOST = 40; // as in the kernel

    private final Path root;

    private Tree(Path root) {
        this.root = root;
    }

    /**
     * @param root a directory; {@code /} is the running system
     * @throws BlktrackException with status USAGE where it is no directory
     */
    public static Tree at(Path root) {
        try {
            Path real = root.toRealPath();
            // An empty name, such as that of a variable that was never set, would mean the current directory.
            if (!root.toString().isEmpty() && Files.isDirectory(real)) {
                return new Tree(real);
            }
        } catch (IOException absent) {
            // told below
        }
        throw new BlktrackException(ExitStatus.USAGE, "NO_ROOT", "can't work under \"" + root + "\": no such directory", null);
    }

    public Path root() {
        return root;
    }

    public boolean isRunning() {
        return root.getNameCount() == 0;
    }

    /** Where {@code path} really lies, the last name's link followed too; what does not exist is kept as it is named. */
    public Path resolve(String path) {
        return walk(path, true);
    }

    /** Like {@link #resolve}, but where the last name is a link, the link itself. */
    public Path place(String path) {
        return walk(path, false);
    }

    public boolean exists(String path) {
        return Files.exists(resolve(path), LinkOption.NOFOLLOW_LINKS);
    }

    public boolean isFile(String path) {
        return Files.isRegularFile(resolve(path), LinkOption.NOFOLLOW_LINKS);
    }

    public boolean isDirectory(String path) {
        return Files.isDirectory(resolve(path), LinkOption.NOFOLLOW_LINKS);
    }

    public boolean isProgram(String path) {
        return isFile(path) && Files.isExecutable(resolve(path));
    }

    /** What the file holds, or an empty text where it is none. */
    public String text(String path) {
        if (!isFile(path)) {
            return "";
        }
        try {
            return Files.readString(resolve(path), StandardCharsets.ISO_8859_1);
        } catch (NoSuchFileException gone) {
            return "";
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** The names in a directory, in order; none where it is no directory. */
    public List<String> names(String path) {
        if (!isDirectory(path)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(resolve(path))) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** The first of these paths that exists, or the first of all. */
    public String firstOf(String... paths) {
        for (String path : paths) {
            if (exists(path)) {
                return path;
            }
        }
        return paths[0];
    }

    /** A place of the tree on this machine, as the tree's own system sees it. */
    public String inside(Path path) {
        return "/" + root.relativize(path);
    }

    private Path walk(String path, boolean lastLinkToo) {
        Deque<String> ahead = new ArrayDeque<>();
        push(ahead, path);
        Path here = root;
        int links = 0;
        while (!ahead.isEmpty()) {
            String name = ahead.pop();
            if (name.equals("..")) {
                here = here.equals(root) ? root : here.getParent();
                continue;
            }
            Path next = here.resolve(name);
            if (!Files.isSymbolicLink(next) || (ahead.isEmpty() && !lastLinkToo)) {
                here = next;
                continue;
            }
            if (++links > LINKS_AT_MOST) {
                throw new BlktrackException(ExitStatus.REFUSED, "LINK_LOOP", "can't follow " + path + ": links go in a circle", null);
            }
            String target = target(next);
            if (target.startsWith("/")) {
                here = root;
            }
            push(ahead, target);
        }
        return here;
    }

    private static void push(Deque<String> ahead, String path) {
        String[] names = path.split("/");
        for (int i = names.length - 1; i >= 0; i--) {
            if (!names[i].isEmpty() && !names[i].equals(".")) {
                ahead.push(names[i]);
            }
        }
    }

    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
