package org.blktrack.bootscript;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * A directory taken for the root. Links are resolved as they would be after chroot(2): an absolute target begins at the
 * tree's top, and {@code ..} there stays there, so no path leads out.
 */
final class Tree {
    private static final int MAX_LINKS = 40; // as in the kernel

    private final Path root;

    Tree(Path root) {
        this.root = root.toAbsolutePath().normalize();
    }

    boolean isRunningSystem() {
        return root.equals(Path.of("/"));
    }

    Path root() {
        return root;
    }

    /**
     * @param inside path in the tree, leading slash or not
     * @return the path on this machine, every link in it resolved; what does not exist is left as it is written
     * @throws ScriptFault BAD_LINK for a circle of links
     */
    Path resolve(String inside) throws ScriptFault {
        Deque<String> todo = new ArrayDeque<>();
        push(todo, inside);
        Path at = root;
        int links = 0;
        while (!todo.isEmpty()) {
            String name = todo.pop();
            if (name.equals("..")) {
                at = at.equals(root) ? root : at.getParent();
                continue;
            }
            Path next = at.resolve(name);
            if (!Files.isSymbolicLink(next)) {
                at = next;
                continue;
            }
            if (++links > MAX_LINKS) {
                throw new ScriptFault(Reason.BAD_LINK, "/" + inside + " leads through a circle of links");
            }
            String target = readLink(next);
            at = target.startsWith("/") ? root : at;
            push(todo, target);
        }
        return at;
    }

    private static String readLink(Path link) throws ScriptFault {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException e) {
            throw new ScriptFault(Reason.BAD_LINK, "the link " + link + " can't be read: " + e.getMessage());
        }
    }

    private static void push(Deque<String> todo, String path) {
        String[] names = path.split("/");
        for (int i = names.length - 1; i >= 0; i--) {
            if (!names[i].isEmpty() && !names[i].equals(".")) {
                todo.push(names[i]);
            }
        }
    }

    boolean exists(String inside) throws ScriptFault {
        return Files.exists(resolve(inside), LinkOption.NOFOLLOW_LINKS);
    }

    /** @return the path as seen from inside the tree */
    String inside(Path path) {
        return "/" + root.relativize(path);
    }
}
