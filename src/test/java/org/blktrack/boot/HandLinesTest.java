package org.blktrack.boot;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.EnumSet;
import org.blktrack.bootscript.FakeRoot;
import org.blktrack.bootscript.Tree;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HandLinesTest {
    @TempDir
    Path root;

    @Test
    void everyInitSystemHasItsLines() {
        Tree tree = FakeRoot.systemd(root).tree();
        for (InitName init : EnumSet.complementOf(EnumSet.of(InitName.REDHAT))) {
            String text = HandLines.of(tree, init);
            assertTrue(text.contains("start"), init + ": " + text);
            assertTrue(text.contains("clear_dirtyflag") || text.contains("--early"), init + ": " + text);
            assertFalse(text.matches("(?s).*@[A-Z_]+@.*"), init + ": " + text);
            assertTrue(text.endsWith("\n"), init.toString());
        }
    }

    @Test
    void mkinitcpioWithSystemdIsSaid() {
        String text = HandLines.of(FakeRoot.systemd(root).tree(), InitName.MKINITCPIO);
        assertTrue(text.contains("Where HOOKS holds \"systemd\", no run_hook is ever run"), text);
    }

    @Test
    void theRunlevelIsTheOneThatTheMachineRuns() {
        FakeRoot fake = FakeRoot.openRc(root);
        assertTrue(HandLines.of(fake.tree(), InitName.OPENRC).contains("rc-update add blktrack boot; rc-update add blktrack-clear shutdown"));
        fake.file("/etc/runlevels/sysinit/checkroot.sh", "");
        assertTrue(HandLines.of(fake.tree(), InitName.OPENRC).contains("rc-update add blktrack sysinit; rc-update add blktrack-clear shutdown"));
    }

    @Test
    void markersStandAroundTheLines() {
        String text = HandLines.of(FakeRoot.systemd(root).tree(), InitName.SLACKWARE);
        assertTrue(text.contains("# blktrack begin\nif [ -x /sbin/blktrack-helper ] && [ ! -e /.blktrack_dirty ]; then\n"), text);
    }
}
