package org.blktrack.cli;

import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.blktrack.boot.BootIntegration;
import org.blktrack.bootscript.Tree;
import org.blktrack.model.BlktrackException;

/**
 * Which volumes to start with, and where their table lies, travels in the boot images: so whatever changes that has them built anew.
 * A boot from an older image would not find the table, and lose the record.
 */
final class BootImages {
    private BootImages() {}

    /** Does nothing where no hooks are installed, or the images hold what is there now; a failure is told, and not one of the caller's. */
    static void bringUpToDate(PrintWriter err) {
        try {
            BootIntegration boot = BootIntegration.of(Tree.at(Path.of("/")), null);
            if (boot.imagesAreBehind()) {
                err.println("building the boot images anew, with the place of the tracking table");
                err.flush();
                boot.reapply();
            }
        } catch (UncheckedIOException notForThisUser) {
            // The daemon knows, and says IMAGES_BEHIND of each volume.
            err.println("can't tell whether the boot images know of this change: " + notForThisUser.getCause().getMessage());
            err.flush();
        } catch (BlktrackException failure) {
            err.println("the boot images do not know of this change yet: " + failure.getMessage());
            err.println("  The record is lost at the next boot unless 'blktrack boot reapply' has built them anew.");
            err.flush();
        }
    }
}
