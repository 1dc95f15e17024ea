package org.blktrack.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.blktrack.bootscript.FakeRoot;
import org.blktrack.model.Digest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A dracut that writes into the file that is there, as the real one does. Images are their own listings here. */
class DracutPlaceTest {
    private static final String IMAGE = "/boot/initramfs-6.1.0.img";
    private static final String HOLDS = "sbin/blktrack-early hooks/pre-mount/50-blktrack-start.sh sbin/blktrack-last"
            + " hooks/shutdown/10-blktrack-stop.sh sbin/blktrack-helper etc/blktrack/blktrack-helper-" + Digest.sha256Latin1("helper");

    @TempDir
    Path root;

    @BeforeEach
    void canChroot() {
        assumeTrue("root".equals(System.getProperty("user.name")), "SKIPPED: chroot needs root");
        assumeTrue(Files.isExecutable(Path.of("/bin/busybox")), "SKIPPED: there is no busybox");
    }

    private FakeRoot fake(String dracut) throws IOException {
        FakeRoot fake = FakeRoot.empty(root).directory("/usr/lib/dracut/modules.d").directory("/usr/bin").link("/bin", "usr/bin");
        Files.copy(Path.of("/bin/busybox"), fake.path("/usr/bin/busybox"), java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
        return fake.link("/usr/bin/sh", "busybox")
                .program("/usr/bin/dracut", "#!/bin/sh\n" + dracut + "\n")
                .program("/usr/bin/lsinitrd", "#!/bin/sh\nbusybox cat $1\n")
                .program("/sbin/blktrack-helper", "helper")
                .kernel("6.1.0").link("/lib", "usr/lib")
                .program(IMAGE, "base\n");
    }

    @Test
    void aBadImageGivesWayToTheOneBefore() throws IOException {
        FakeRoot fake = fake("echo broken >$3");
        Map<String, String> before = fake.snapshot();
        assertThrows(BootFailure.class, () -> new DracutPlace().activate(fake.tree()));
        assertEquals(before, fake.snapshot());
    }

    @Test
    void aBuildThatFailsHalfwayLeavesTheImageAlone() throws IOException {
        FakeRoot fake = fake("echo half >$3; exit 1");
        Map<String, String> before = fake.snapshot();
        assertThrows(BootFailure.class, () -> new DracutPlace().activate(fake.tree()));
        assertEquals(before, fake.snapshot());
    }

    @Test
    void anImageThatAKilledRunLeftUnfinishedGoesWithTheRemoval() throws IOException {
        FakeRoot fake = fake("exit 1");
        Map<String, String> before = fake.snapshot();
        fake.file(IMAGE + ".blktrack-new", "half\n");
        new DracutPlace().deactivate(fake.tree());
        assertEquals(before, fake.snapshot());
    }

    @Test
    void aGoodImageTakesThePlaceAndTheModeOfTheOneBefore() throws IOException {
        FakeRoot fake = fake("umask 077; for f in " + HOLDS + "; do echo $f; done >$3");
        Object mode = Files.getAttribute(fake.path(IMAGE), "unix:mode");
        new DracutPlace().activate(fake.tree());
        assertTrue(new DracutPlace().states(fake.tree()).stream().allMatch(HookState::works));
        assertEquals(mode, Files.getAttribute(fake.path(IMAGE), "unix:mode"));
        assertEquals(java.util.List.of("initramfs-6.1.0.img", "vmlinuz-6.1.0"), fake.tree().names("/boot"));
    }
}
