package org.blktrack.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.blktrack.bootscript.FakeRoot;
import org.blktrack.model.BlktrackException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lines in scripts that init does not run are no hooks. */
class RedHatRunTest {
    private static final String SYSINIT = "/etc/rc.d/rc.sysinit";
    private static final String HALT = "/etc/rc.d/init.d/halt";

    @TempDir
    Path root;

    private FakeRoot fake;

    @BeforeEach
    void build() {
        fake = FakeRoot.redHat(root)
                .directory("/etc/rc.d/rc0.d").link("/etc/rc.d/rc0.d/S01halt", "../init.d/halt")
                .directory("/etc/rc.d/rc6.d").link("/etc/rc.d/rc6.d/S01reboot", "/etc/rc.d/init.d/halt")
                .link("/etc/rc.sysinit", "rc.d/rc.sysinit");
    }

    private BootIntegration boot() {
        return BootIntegration.of(fake.tree(), null);
    }

    private void assertRefused(String reason) {
        Map<String, String> before = fake.snapshot();
        assertEquals(reason, assertThrows(BlktrackException.class, () -> boot().install(true)).reason());
        assertEquals(before, fake.snapshot());
    }

    private void assertMissing(String path) {
        HookState bad = boot().verify().hooks().stream().filter(hook -> !hook.works()).findFirst().orElseThrow();
        assertEquals(path, bad.path());
        assertEquals(HookState.Standing.MISSING, bad.standing());
        assertFalse(bad.detail().isEmpty());
    }

    @Test
    void linksToTheScriptsAreTheScripts() {
        fake.file("/etc/inittab", "id:3:initdefault:\nsi::sysinit:/etc/rc.sysinit\n");
        assertTrue(boot().install(false).good());
    }

    @Test
    void anotherSysinitIsRunInstead() {
        boot().install(false);
        fake.file("/etc/inittab", "si::sysinit:/etc/rc.d/rc.sysinit.custom\n").program("/etc/rc.d/rc.sysinit.custom", "#!/bin/bash\n");
        assertMissing(SYSINIT);
        boot().remove();
        assertRefused("OTHER_SCRIPT");
    }

    @Test
    void upstartRunsAnotherSysinit() {
        fake.delete("/etc/inittab").file("/etc/init/rcS.conf", "start on startup\nexec \"/etc/rc.d/rc.sysinit.custom\"\n");
        assertRefused("OTHER_SCRIPT");
        fake.file("/etc/init/rcS.conf", "# not /etc/rc.sysinit.custom\nexec /etc/rc.d/rc.sysinit\n");
        assertTrue(boot().install(false).good());
    }

    @Test
    void anotherScriptTakesTheMachineDown() {
        boot().install(false);
        fake.delete("/etc/rc.d/rc6.d/S01reboot").program("/etc/rc.d/init.d/reboot", "#!/bin/bash\n").link("/etc/rc.d/rc6.d/S01reboot", "../init.d/reboot");
        assertMissing(HALT);
        boot().remove();
        assertRefused("OTHER_SCRIPT");
    }

    @Test
    void nothingRunsHalt() {
        fake.delete("/etc/rc.d/rc0.d/S01halt");
        assertRefused("NOT_RUN");
    }

    @Test
    void aScriptThatCanNotBeRun() throws IOException {
        boot().install(false);
        Files.setPosixFilePermissions(fake.path(HALT), PosixFilePermissions.fromString("rw-r--r--"));
        assertMissing(HALT);
        boot().remove();
        assertRefused("NOT_EXECUTABLE");
    }
}
