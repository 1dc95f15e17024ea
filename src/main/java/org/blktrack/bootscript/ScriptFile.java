package org.blktrack.bootscript;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.Digest;

/**
 * A boot script as it lies on disk.
 *
 * @param script which one
 * @param path the real file, links resolved
 * @param inside the same, as seen from inside the tree
 * @param bytes its content
 */
record ScriptFile(Script script, Path path, String inside, byte[] bytes) {

    static ScriptFile read(Tree tree, Script script) throws ScriptFault {
        Path path = locate(tree, script);
        if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
            throw new ScriptFault(Reason.NOT_A_FILE, tree.inside(path) + " is no regular file");
        }
        try {
            // Looked at before it is read, so that a file of gigabytes is not.
            if (Files.size(path) > ScriptText.MAX_BYTES) {
                throw new ScriptFault(Reason.TOO_LARGE,
                        tree.inside(path) + " is longer than " + ScriptText.MAX_BYTES + " bytes");
            }
            return new ScriptFile(script, path, tree.inside(path), Files.readAllBytes(path));
        } catch (IOException e) {
            throw new ScriptFault(Reason.IO, "read " + tree.inside(path) + ": " + e);
        }
    }

    /** The real file behind the first place that has one. */
    static Path locate(Tree tree, Script script) throws ScriptFault {
        for (String place : script.places()) {
            Path path = resolve(tree, place);
            if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
                return path;
            }
        }
        throw new ScriptFault(Reason.NOT_FOUND, "there is no /" + script.places().get(0));
    }

    /** Where the tree leads; a circle of links is a fault like any other here. */
    static Path resolve(Tree tree, String place) throws ScriptFault {
        try {
            return tree.resolve(place);
        } catch (BlktrackException circle) {
            throw new ScriptFault(Reason.BAD_LINK, circle.getMessage());
        }
    }

    String sha256() {
        return Digest.sha256(bytes);
    }

    /** The text, after the checks that need no parsing. */
    ScriptText text() throws ScriptFault {
        ScriptText text = ScriptText.decode(bytes);
        String first = text.lines().get(0);
        if (!first.matches("#!\\s*\\S*/(env\\s+)?(ba)?sh(\\s.*)?")) {
            throw new ScriptFault(Reason.NOT_SHELL, "the first line names neither sh nor bash");
        }
        return text;
    }
}
