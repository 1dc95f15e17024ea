package org.blktrack.bootscript;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.Digest;
import org.blktrack.model.ExitStatus;

/** Makes a catalogue row from a pristine script, by its structure and with all the checks that patching makes. */
public final class RowMaker {
    private RowMaker() {}

    /**
     * @param file the distributor's script, unchanged
     * @throws BlktrackException REFUSED with the {@link Reason} why the script takes no hook
     */
    public static CatalogueRow row(Script script, Path file) {
        try {
            byte[] bytes = Files.readAllBytes(file);
            ScriptText text = new ScriptFile(script, file, file.toString(), bytes).text();
            BashSyntax bash = BashSyntax.onThisMachine();
            bash.check(text, text.isPosix(), file.toString());
            int line = Place.in(script, ShellScript.parse(text)).find();
            bash.check(text.head(line - 1), text.isPosix(), "the part above line " + line);
            bash.check(text.tail(line - 1), text.isPosix(), "the part from line " + line + " on");
            return new CatalogueRow(script.fileName(), Digest.sha256(bytes), line, script.hook().toString(), List.of());
        } catch (ScriptFault fault) {
            throw new BlktrackException(
                    ExitStatus.REFUSED, fault.reason().name(), file + " takes no hook: " + fault.getMessage(), null);
        } catch (IOException e) {
            throw new BlktrackException(ExitStatus.FAILED, Reason.IO.name(), "can't read " + file + ": " + e, null, e);
        }
    }
}
