package org.blktrack.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.Optional;
import org.blktrack.bootscript.FakeRoot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InitRecognitionTest {
    @TempDir
    Path root;

    private FakeRoot withInit() {
        return FakeRoot.empty(root).program("/sbin/init", "");
    }

    private InitName recognised(FakeRoot fake) {
        return InitRecognition.of(fake.tree());
    }

    @Test
    void systemdByItsLink() {
        assertEquals(InitName.SYSTEMD, recognised(FakeRoot.systemd(root)));
    }

    @Test
    void openRcByInittab() {
        assertEquals(InitName.OPENRC, recognised(FakeRoot.openRc(root)));
    }

    @Test
    void openRcUnderBusybox() {
        FakeRoot alpine = FakeRoot.empty(root).program("/bin/busybox", "").directory("/sbin").link("/sbin/init", "/bin/busybox")
                .file("/etc/inittab", "# /etc/inittab\n::sysinit:/sbin/openrc sysinit\n::sysinit:/sbin/openrc boot\n");
        assertEquals(InitName.OPENRC, recognised(alpine));
        assertEquals(InitName.OPENRC, InitRecognition.of(alpine.tree(), Optional.of("/bin/busybox")));
    }

    @Test
    void debianSysvinitByCheckroot() {
        assertEquals(InitName.SYSVINIT, recognised(withInit().program("/etc/init.d/checkroot.sh", "")));
    }

    @Test
    void redHatByInittab() {
        assertEquals(InitName.REDHAT, recognised(withInit().file("/etc/inittab", "si::sysinit:/etc/rc.d/rc.sysinit\n")));
    }

    @Test
    void whatACommentNamesIsNotRun() {
        FakeRoot debian = withInit().program("/etc/init.d/checkroot.sh", "").file("/etc/inittab", "  # no rc.sysinit, no openrc here\n");
        assertEquals(InitName.SYSVINIT, recognised(debian));
    }

    @Test
    void redHatUnderUpstart() {
        assertEquals(InitName.REDHAT, recognised(withInit().file("/etc/init/rcS.conf", "exec /etc/rc.d/rc.sysinit\n")));
    }

    @Test
    void redHatUnderFedorasFirstUpstart() {
        assertEquals(InitName.REDHAT, recognised(withInit().file("/etc/event.d/rcS", "script\n\texec /etc/rc.d/rc.sysinit\nend script\n")));
    }

    @Test
    void anUnfinishedTreeIsKnownByItsScript() {
        FakeRoot fake = FakeRoot.empty(root).program("/etc/rc.d/rc.sysinit", "").file("/etc/inittab", "id:3:initdefault:\n");
        assertEquals(InitName.REDHAT, recognised(fake));
        fake.file("/etc/inittab", "si::sysinit:/etc/init.d/rcS\n");
        assertThrows(Refusal.class, () -> recognised(fake));
    }

    @Test
    void systemdMayHaveNoOtherName() {
        FakeRoot leftover = FakeRoot.empty(root.resolve("l")).program("/usr/lib/systemd/systemd", "").program("/etc/rc.d/rc.sysinit", "");
        assertEquals(InitName.SYSTEMD, recognised(leftover));
        FakeRoot fake = FakeRoot.empty(root).program("/usr/lib/systemd/systemd", "");
        assertEquals(InitName.SYSTEMD, recognised(fake));
        fake.program("/sbin/init", "");
        assertThrows(Refusal.class, () -> recognised(fake));
    }

    @Test
    void theOthers() {
        assertEquals(InitName.SLACKWARE, recognised(withInit().program("/etc/rc.d/rc.S", "")));
        FakeRoot busybox = FakeRoot.empty(root.resolve("b")).program("/bin/busybox", "").directory("/sbin").link("/sbin/init", "/bin/busybox");
        assertEquals(InitName.BUSYBOX, recognised(busybox));
        FakeRoot suse = FakeRoot.empty(root.resolve("s")).program("/sbin/init", "").program("/etc/init.d/boot.localfs", "");
        assertEquals(InitName.SUSE, recognised(suse));
        FakeRoot ubuntu = FakeRoot.empty(root.resolve("u")).program("/sbin/init", "").file("/etc/init/mountall.conf", "");
        assertEquals(InitName.UPSTART, recognised(ubuntu));
    }

    @Test
    void theRunningProgramGoesBeforeLeftoverFiles() {
        FakeRoot fedora = withInit().file("/etc/inittab", "si::sysinit:/etc/rc.d/rc.sysinit\n");
        assertEquals(InitName.SYSTEMD, InitRecognition.of(fedora.tree(), Optional.of("/usr/lib/systemd/systemd (deleted)")));
    }

    @Test
    void unknownOnesAreRefused() {
        assertEquals("UNKNOWN_INIT", assertThrows(Refusal.class, () -> recognised(withInit())).reason());
        assertThrows(Refusal.class, () -> InitRecognition.of(withInit().tree(), Optional.of("/usr/bin/tini")));
    }
}
