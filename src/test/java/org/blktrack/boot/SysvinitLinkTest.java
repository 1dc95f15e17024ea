package org.blktrack.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.blktrack.boot.HookState.Standing;
import org.blktrack.bootscript.FakeRoot;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A link by the right name is not enough. */
class SysvinitLinkTest {
    @TempDir
    Path root;

    private FakeRoot fake;

    @BeforeEach
    void build() {
        fake = FakeRoot.empty(root).program("/etc/init.d/blktrack", "").program("/etc/init.d/blktrack-root", "");
        link("/etc/rcS.d/S03", "blktrack-root");
        link("/etc/rcS.d/S04", "checkroot.sh");
        link("/etc/rcS.d/S05", "blktrack");
        link("/etc/rcS.d/S06", "checkfs.sh");
        for (String level : List.of("0", "6")) {
            link("/etc/rc" + level + ".d/K07", "umountroot");
            link("/etc/rc" + level + ".d/K08", "blktrack");
        }
    }

    private void link(String start, String script) {
        fake.directory(start.substring(0, start.lastIndexOf('/'))).link(start + script, "../init.d/" + script);
    }

    private HookState state(String path) {
        return new SysvinitPlace().states(fake.tree()).stream().filter(hook -> hook.path().equals(path)).findFirst().orElseThrow();
    }

    private void assertOverwritten(String path, String detail) {
        assertEquals(Standing.OVERWRITTEN, state(path).standing());
        assertEquals(detail, state(path).detail());
    }

    @Test
    void inOrder() {
        assertTrue(new SysvinitPlace().states(fake.tree()).stream().allMatch(HookState::works));
        assertEquals(4, new SysvinitPlace().states(fake.tree()).size());
        assertEquals(List.of(), new SysvinitPlace().preview(fake.tree()));
    }

    @Test
    void leadsElsewhere() {
        fake.delete("/etc/rcS.d/S05blktrack").link("/etc/rcS.d/S05blktrack", "/bin/false");
        assertOverwritten("/etc/rcS.d/S05blktrack", "does not lead to /etc/init.d/blktrack");
        fake.delete("/etc/rc0.d/K08blktrack").link("/etc/rc0.d/K08blktrack", "x");
        assertOverwritten("/etc/rc0.d/K08blktrack", "does not lead to /etc/init.d/blktrack");
    }

    @Test
    void startsTooLateOrTooEarly() {
        fake.delete("/etc/rcS.d/S03blktrack-root");
        link("/etc/rcS.d/S99", "blktrack-root");
        assertOverwritten("/etc/rcS.d/S99blktrack-root", "comes after S04checkroot.sh");
        fake.delete("/etc/rcS.d/S05blktrack");
        link("/etc/rcS.d/S98", "blktrack");
        assertOverwritten("/etc/rcS.d/S98blktrack", "comes after S06checkfs.sh");
        fake.delete("/etc/rcS.d/S98blktrack");
        link("/etc/rcS.d/S02", "blktrack");
        assertOverwritten("/etc/rcS.d/S02blktrack", "comes before S04checkroot.sh");
    }

    @Test
    void savesTooEarly() {
        fake.delete("/etc/rc6.d/K08blktrack");
        link("/etc/rc6.d/K01", "blktrack");
        assertOverwritten("/etc/rc6.d/K01blktrack", "comes before K07umountroot");
        fake.delete("/etc/rc0.d/K07umountroot");
        link("/etc/rc0.d/S40", "umountroot");
        assertOverwritten("/etc/rc0.d/K08blktrack", "comes before S40umountroot");
    }

    @Test
    void savesWhenTheMachineIsDown() {
        link("/etc/rc0.d/K08", "halt");
        assertOverwritten("/etc/rc0.d/K08blktrack", "comes after K08halt");
        fake.delete("/etc/rc0.d/K08halt");
        link("/etc/rc0.d/K09", "halt");
        link("/etc/rc6.d/K09", "reboot");
        assertTrue(new SysvinitPlace().states(fake.tree()).stream().allMatch(HookState::works));
        fake.delete("/etc/rc6.d/K08blktrack").delete("/etc/rc6.d/K09reboot");
        link("/etc/rc6.d/S10", "reboot");
        link("/etc/rc6.d/K10", "blktrack");
        assertTrue(new SysvinitPlace().states(fake.tree()).stream().allMatch(HookState::works), "S comes after K");
        link("/etc/rc6.d/K05", "reboot");
        assertOverwritten("/etc/rc6.d/K10blktrack", "comes after K05reboot");
    }

    @Test
    void everyLinkIsJudged() {
        link("/etc/rcS.d/S99", "blktrack-root");
        assertOverwritten("/etc/rcS.d/S99blktrack-root", "comes after S04checkroot.sh");
        link("/etc/rc0.d/K09", "halt");
        link("/etc/rc0.d/K10", "blktrack");
        assertOverwritten("/etc/rc0.d/K10blktrack", "comes after K09halt");
    }

    @Test
    void linksThatStayFailTheRemoval() {
        // A tree without update-rc.d, so every call of it fails.
        BootFailure failure = assertThrows(BootFailure.class, () -> new SysvinitPlace().deactivate(fake.tree()));
        assertEquals("ORDER", failure.reason());
        assertTrue(failure.getMessage().contains("/etc/rc0.d/K08blktrack"), failure.getMessage());
        for (String link : List.of("rcS.d/S03blktrack-root", "rcS.d/S05blktrack", "rc0.d/K08blktrack", "rc6.d/K08blktrack")) {
            fake.delete("/etc/" + link);
        }
        new SysvinitPlace().deactivate(fake.tree());
    }

    @Test
    void linksAreAnnouncedAndSaid() {
        fake.delete("/etc/rc6.d/K08blktrack");
        assertEquals(List.of("link /etc/rc6.d/K??blktrack"), new SysvinitPlace().preview(fake.tree()));
        assertEquals(
                List.of("delete /etc/rc0.d/K08blktrack", "delete /etc/rcS.d/S03blktrack-root", "delete /etc/rcS.d/S05blktrack"),
                new SysvinitPlace().removalPreview(fake.tree()));
    }
}
