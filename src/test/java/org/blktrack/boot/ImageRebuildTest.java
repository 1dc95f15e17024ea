package org.blktrack.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.blktrack.bootscript.FakeRoot;
import org.blktrack.bootscript.Hook;
import org.blktrack.bootscript.Tree;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageRebuildTest {
    private static final String OLDER = "/boot/initrd.img-6.1.0-1-amd64";
    private static final String NEWER = "/boot/initrd.img-6.1.0-2-amd64";

    @TempDir
    Path root;

    private FakeRoot fake() {
        return FakeRoot.systemd(root)
                .kernel("6.1.0-1-amd64").file(OLDER, "bin/sh\n")
                .kernel("6.1.0-2-amd64").file(NEWER, "bin/sh\n");
    }

    /** Images are their own listings here. */
    private static ImageRebuild rebuild(String content, String broken) {
        return new ImageRebuild(new Fake(content, broken));
    }

    /** {@code broken} names the image that can't be built. */
    private static class Fake implements ImageTool {
        private final String content;
        private final String broken;

        Fake(String content, String broken) {
            this.content = content;
            this.broken = broken;
        }

        @Override
        public TreeCommand.Result build(Tree tree, KernelImage image) {
            if (image.path().equals(broken)) {
                return new TreeCommand.Result(1, "no space left\n");
            }
            try {
                Path fresh = tree.resolve(image.path() + ".new");
                boolean holdsHelper = content.contains("sbin/blktrack-helper");
                Files.writeString(fresh, content + (holdsHelper ? ImageContent.copyMarker(tree, ImageRebuild.HELPER) + "\n" : ""));
                Files.move(fresh, tree.resolve(image.path()), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
            return new TreeCommand.Result(0, "");
        }

        @Override
        public TreeCommand.Result list(Tree tree, KernelImage image) {
            String listing = tree.text(image.path());
            return new TreeCommand.Result(listing.equals("damaged\n") ? 1 : 0, listing);
        }

        @Override
        public List<String> hookPaths(Hook hook) {
            return hook == Hook.START ? List.of("scripts/blktrack") : List.of();
        }
    }

    /** As dracut's module does. */
    private static final class LeavingOut extends Fake {
        LeavingOut() {
            super("", null);
        }

        @Override
        public boolean leavesOutWithoutHelper() {
            return true;
        }
    }

    @Test
    void everyImageGetsTheHookAndNoOldOneIsLeft() {
        FakeRoot fake = fake();
        ImageRebuild images = rebuild("bin/sh\nscripts/blktrack\nusr/sbin/blktrack-helper\n", null);
        images.takeIn(fake.tree());
        assertTrue(images.states(fake.tree(), "x").stream().allMatch(HookState::works));
        assertEquals(2, images.states(fake.tree(), "x").size());
        assertFalse(Files.exists(fake.path(OLDER + ".blktrack-previous")));
    }

    @Test
    void aFailureBringsEveryImageBack() {
        FakeRoot fake = fake();
        Map<String, String> before = fake.snapshot();
        ImageRebuild images = rebuild("bin/sh\nscripts/blktrack\nusr/sbin/blktrack-helper\n", NEWER);
        assertThrows(BootFailure.class, () -> images.takeIn(fake.tree()));
        assertEquals(before, fake.snapshot());
    }

    @Test
    void aHelperThatCanNotBeRunIsNotAskedFor() throws IOException {
        FakeRoot fake = fake();
        Files.setPosixFilePermissions(fake.path("/usr/sbin/blktrack-helper"), PosixFilePermissions.fromString("rw-r--r--"));
        ImageRebuild images = rebuild("bin/sh\nscripts/blktrack\n", null);
        images.takeIn(fake.tree());
        assertTrue(images.states(fake.tree(), "x").stream().allMatch(HookState::works));
    }

    @Test
    void aHookThatComesWithTheHelperIsExpected() {
        FakeRoot fake = fake().delete("/usr/sbin/blktrack-helper");
        ImageRebuild plain = rebuild("bin/sh\n", null);
        ImageRebuild images = new ImageRebuild(new LeavingOut());
        assertEquals(HookState.Standing.MISSING, plain.states(fake.tree(), "x").get(0).standing());
        assertEquals(HookState.Standing.EXPECTED, images.states(fake.tree(), "x").get(0).standing());
        fake.file(OLDER, "damaged\n");
        assertEquals(HookState.Standing.MISSING, images.states(fake.tree(), "x").get(0).standing());
        fake.file(OLDER, "bin/sh\n").program("/usr/sbin/blktrack-helper", "helper");
        assertEquals(HookState.Standing.MISSING, images.states(fake.tree(), "x").get(0).standing());
    }

    @Test
    void anImageWithoutTheHelperIsNotKept() {
        FakeRoot fake = fake();
        Map<String, String> before = fake.snapshot();
        BootFailure failure = assertThrows(BootFailure.class, () -> rebuild("scripts/blktrack\n", null).takeIn(fake.tree()));
        assertTrue(failure.getMessage().contains("lacks /sbin/blktrack-helper"), failure.getMessage());
        assertEquals(before, fake.snapshot());
    }

    @Test
    void anImageThatWasReplacedIsSeen() {
        FakeRoot fake = fake();
        ImageRebuild images = rebuild("scripts/blktrack\nsbin/blktrack-helper\n", null);
        images.takeIn(fake.tree());
        fake.file(NEWER, "bin/sh\n");
        List<HookState> states = images.states(fake.tree(), "x");
        assertEquals(List.of(true, false), states.stream().map(HookState::works).toList());
        fake.file(ImageRebuild.EARLY_CONF, "table=1\n");
        assertTrue(images.states(fake.tree(), "x").get(0).detail().contains("early.conf"));
    }

    @Test
    void onlyImagesThatHoldAHookAreBuiltAnewAtRemoval() {
        FakeRoot fake = fake().file(OLDER, "bin/sh\nscripts/blktrack\n");
        rebuild("bin/sh\n", NEWER).leaveOut(fake.tree());
        assertEquals("bin/sh\n", fake.tree().text(OLDER));
    }

    @Test
    void anImageThatCanNotBeListedMayHoldAHook() {
        FakeRoot fake = fake().file(NEWER, "damaged\n");
        BootFailure failure = assertThrows(BootFailure.class, () -> rebuild("bin/sh\n", null).leaveOut(fake.tree()));
        assertEquals("IMAGE", failure.reason());
        assertTrue(failure.getMessage().contains(NEWER), failure.getMessage());
        assertTrue(rebuild("bin/sh\n", null).leaveOutPreview(fake.tree()).contains("rebuild " + NEWER));
    }

    @Test
    void anImageWithAnOlderEarlyConfIsSeen() {
        FakeRoot fake = fake().file(ImageRebuild.EARLY_CONF, "table=1\n");
        String content = "scripts/blktrack\nsbin/blktrack-helper\netc/blktrack/early.conf\n";
        ImageRebuild images = rebuild(content + "etc/blktrack/early.conf-" + Installation.earlyConf(fake.tree()) + "\n", null);
        images.takeIn(fake.tree());
        assertTrue(images.states(fake.tree(), "x").stream().allMatch(HookState::works));
        fake.file(ImageRebuild.EARLY_CONF, "table=2\n");
        HookState state = images.states(fake.tree(), "x").get(0);
        assertFalse(state.works());
        assertTrue(state.detail().contains("built before /etc/blktrack/early.conf changed"), state.detail());
        assertThrows(BootFailure.class, () -> images.takeIn(fake.tree()));
    }

    @Test
    void anImageWithAnOlderHelperIsSeen() {
        FakeRoot fake = fake();
        ImageRebuild images = rebuild("scripts/blktrack\nusr/sbin/blktrack-helper\n", null);
        images.takeIn(fake.tree());
        fake.program("/usr/sbin/blktrack-helper", "a newer helper");
        HookState state = images.states(fake.tree(), "x").get(0);
        assertFalse(state.works());
        assertTrue(state.detail().contains("built before /sbin/blktrack-helper changed"), state.detail());
        images.takeIn(fake.tree());
        assertTrue(images.states(fake.tree(), "x").stream().allMatch(HookState::works));
    }

    @Test
    void anImageThatAKilledRunLeftUnreadableGivesWayToTheOneBefore() {
        FakeRoot fake = fake().file(OLDER, "").file(OLDER + ".blktrack-previous", "bin/sh\n");
        assertThrows(BootFailure.class, () -> rebuild("bin/sh\n", null).takeIn(fake.tree()));
        assertEquals("bin/sh\n", fake.tree().text(OLDER));
        assertFalse(Files.exists(fake.path(OLDER + ".blktrack-previous")));
    }

    @Test
    void whatAKilledRunKeptGoesWithTheRemoval() {
        FakeRoot fake = fake();
        Map<String, String> before = fake.snapshot();
        fake.file(OLDER + ".blktrack-previous", "bin/sh\n").file("/boot/.initrd.img-6.1.0-2-amd64.blktrack-previous.blktrack-new", "bi");
        rebuild("bin/sh\n", null).leaveOut(fake.tree());
        assertEquals(before, fake.snapshot());
    }
}
