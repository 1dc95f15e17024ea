package org.blktrack.bootscript;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A process that changes the scripts of a tree, to be killed: {@code ChangeMain ROOT apply|remove}. */
final class ChangeMain {
    private ChangeMain() {}

    public static void main(String[] args) throws IOException {
        KillCampaign.awaitTracer();
        RedHatScripts scripts = new RedHatScripts(
                Tree.at(Path.of(args[0])), BashSyntax.onThisMachine(), new Catalogue(List.of()), true, Machine.CLOCK);
        if (args[1].equals("apply")) {
            scripts.apply();
        } else {
            scripts.remove();
        }
    }
}
