package org.blktrack.boot;

import java.io.IOException;
import java.nio.file.Path;
import org.blktrack.bootscript.KillCampaign;
import org.blktrack.bootscript.Tree;

/** A process that changes the hooks of a tree, to be killed: {@code BootMain ROOT install|remove}. */
final class BootMain {
    private BootMain() {}

    public static void main(String[] args) throws IOException {
        KillCampaign.awaitTracer();
        BootIntegration boot = BootIntegration.of(Tree.at(Path.of(args[0])), null);
        if (args[1].equals("install")) {
            boot.install(false);
        } else {
            boot.remove();
        }
    }
}
