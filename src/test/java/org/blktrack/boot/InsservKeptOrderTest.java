package org.blktrack.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.blktrack.bootscript.FakeRoot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InsservKeptOrderTest {
    private static final String BOOT = "/etc/init.d/.depend.boot";

    @TempDir
    Path root;

    private FakeRoot fake() {
        return FakeRoot.empty(root).directory("/var/lib/blktrack").file(BOOT, "TARGETS = a b c\nc: a b\n");
    }

    private interface Run {
        void on(FakeRoot fake) throws IOException;
    }

    private void leavesNoTrace(Run run) throws IOException {
        FakeRoot fake = fake();
        Map<String, String> before = fake.snapshot();
        run.on(fake);
        InsservOrder.putBack(fake.tree());
        assertEquals(before, fake.snapshot());
    }

    @Test
    void anOrderOfChanceIsPutBack() throws IOException {
        leavesNoTrace(fake -> {
            InsservOrder.keep(fake.tree());
            fake.file(BOOT, "TARGETS = a blktrack b c\n");
            InsservOrder.keep(fake.tree());
            fake.file(BOOT, "TARGETS = b a c\nc: b a\n");
        });
    }

    /** What is kept has its name only when all of it is there: a run that was killed meanwhile has kept nothing. */
    @Test
    void aCopyThatWasCutShortIsNotTakenForTheOrder() throws IOException {
        leavesNoTrace(fake -> {
            fake.directory(InsservOrder.KEPT + ".blktrack-new").file(InsservOrder.KEPT + ".blktrack-new/.depend.boot", "TARG");
            InsservOrder.keep(fake.tree());
            fake.file(BOOT, "TARGETS = b a c\nc: b a\n");
        });
    }

    @Test
    void whatARunLeftGoesWithTheRemoval() throws IOException {
        leavesNoTrace(fake -> {
            fake.directory(InsservOrder.KEPT + ".blktrack-new").file(InsservOrder.KEPT + ".blktrack-new/.depend.boot", "TARG");
        });
    }

    @Test
    void aCopyThatFailsKeepsNothing() {
        FakeRoot fake = fake().file("/etc/init.d/.depend.stop", "");
        // What the copy would be named is a folder that is not empty.
        fake.file(InsservOrder.KEPT + ".blktrack-new/.depend.stop/x", "");
        assertThrows(IOException.class, () -> InsservOrder.keep(fake.tree()));
        assertFalse(Files.exists(fake.path(InsservOrder.KEPT)));
    }

    @Test
    void anotherScriptsOrderIsKept() throws IOException {
        FakeRoot fake = fake();
        InsservOrder.keep(fake.tree());
        fake.file(BOOT, "TARGETS = b a c d\nc: b a\n");
        InsservOrder.putBack(fake.tree());
        assertEquals("TARGETS = b a c d\nc: b a\n", fake.tree().text(BOOT));
    }
}
