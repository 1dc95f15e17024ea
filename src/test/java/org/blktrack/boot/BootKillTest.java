package org.blktrack.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.blktrack.bootscript.FakeRoot;
import org.blktrack.bootscript.Hook;
import org.blktrack.bootscript.KillCampaign;
import org.blktrack.bootscript.KillCampaign.Call;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills an installation and a removal right before each system call of theirs that changes a file. Whatever the moment, verify
 * tells whether the hooks stand, the next run comes to the same end as one that was not killed, and a removal leaves no trace.
 */
class BootKillTest {
    private static final int KILLS_A_CAMPAIGN = 2;
    private static final String KERNEL = "6.1.0";

    @TempDir
    Path directory;

    /** A tree in which everything is there that an installation runs. */
    private enum Kind {
        INITRAMFS_TOOLS {
            @Override
            FakeRoot build(Path root) {
                return builder(withShell(FakeRoot.systemd(root).link("/bin", "usr/bin")).kernel(KERNEL).file("/boot/initrd.img-" + KERNEL, "base\n"),
                        "/usr/sbin/update-initramfs", "/boot/initrd.img-$3", "/etc/initramfs-tools/hooks/blktrack", new InitramfsToolsPlace())
                        .program("/usr/bin/lsinitramfs", "#!/bin/sh\nbusybox cat $1\n");
            }
        },
        DRACUT {
            @Override
            FakeRoot build(Path root) {
                FakeRoot fake = withShell(FakeRoot.systemd(root).link("/bin", "usr/bin")).delete("/usr/sbin/mkinitramfs")
                        .directory("/usr/lib/dracut/modules.d").kernel(KERNEL).file("/boot/initramfs-" + KERNEL + ".img", "base\n");
                return builder(fake, "/usr/bin/dracut", "$3", "/usr/lib/dracut/modules.d/55blktrack/module-setup.sh", new DracutPlace())
                        .program("/usr/bin/lsinitrd", "#!/bin/sh\nbusybox cat $1\n");
            }
        },
        SYSVINIT {
            @Override
            FakeRoot build(Path root) {
                return withShell(FakeRoot.empty(root)).link("/bin", "usr/bin").program("/sbin/init", "").program("/sbin/blktrack-helper", "helper")
                        .program("/etc/init.d/checkroot.sh", "").file("/etc/init.d/.depend.boot", "TARGETS = checkroot\n")
                        .directory("/etc/rcS.d").directory("/etc/rc0.d").directory("/etc/rc6.d")
                        .program("/usr/sbin/update-rc.d", """
                                #!/bin/sh
                                case $2-$1 in
                                    defaults-blktrack-root) busybox ln -sf ../init.d/$1 /etc/rcS.d/S02$1 ;;
                                    defaults-*) for link in rcS.d/S04 rc0.d/K02 rc6.d/K02; do busybox ln -sf ../init.d/$1 /etc/$link$1; done ;;
                                    *) busybox rm -f /etc/rc?.d/[SK]??$1 ;;
                                esac
                                """);
            }
        },
        OPENRC {
            @Override
            FakeRoot build(Path root) {
                return FakeRoot.openRc(root);
            }
        },
        REDHAT {
            @Override
            FakeRoot build(Path root) {
                return FakeRoot.redHat(root);
            }
        };

        abstract FakeRoot build(Path root);

        private static FakeRoot withShell(FakeRoot fake) {
            try {
                fake.directory("/usr/bin").link("/usr/bin/sh", "busybox");
                Files.copy(Path.of("/bin/busybox"), fake.path("/usr/bin/busybox"), StandardCopyOption.COPY_ATTRIBUTES);
                return fake;
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        }

        /** Images are their own listings. */
        private static FakeRoot builder(FakeRoot fake, String program, String image, String ifThere, ImageTool tool) {
            List<String> held = new ArrayList<>(List.of("sbin/blktrack-helper", ImageContent.copyMarker(fake.tree(), ImageRebuild.HELPER)));
            for (Hook hook : Hook.values()) {
                held.addAll(tool.hookPaths(hook));
            }
            return fake.program(program, """
                    #!/bin/sh
                    { echo base; if [ -e %s ]; then for held in %s; do echo $held; done; fi; } >%3$s.new
                    busybox mv %3$s.new %3$s
                    """.formatted(ifThere, String.join(" ", held), image));
        }
    }

    @BeforeAll
    static void tools() {
        KillCampaign.requireTools();
        assumeTrue(Files.isExecutable(Path.of("/bin/busybox")), "SKIPPED: there is no busybox");
    }

    @Test
    void killedAtSomeCalls() throws Exception {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        for (Kind kind : Kind.values()) {
            campaign(kind, "install", random, KILLS_A_CAMPAIGN);
            campaign(kind, "remove", random, KILLS_A_CAMPAIGN);
        }
    }

    @Test
    @Tag("long")
    void killedAtEveryCall() throws Exception {
        for (Kind kind : Kind.values()) {
            campaign(kind, "install", new Random(), Integer.MAX_VALUE);
            campaign(kind, "remove", new Random(), Integer.MAX_VALUE);
        }
    }

    private void campaign(Kind kind, String verb, Random random, int kills) throws Exception {
        FakeRoot rehearsal = build(kind, verb, "rehearsal", verb.equals("remove"));
        FakeRoot whole = build(kind, verb, "whole", false);
        Map<String, String> pristine = state(whole);
        assertTrue(BootIntegration.of(whole.tree(), null).install(false).good());
        Map<String, String> installed = state(whole);
        KillCampaign campaign = new KillCampaign(BootMain.class, rehearsal.tree().root(), verb, directory.resolve(kind + verb + ".log"));
        Map<String, String> end = verb.equals("install") ? installed : pristine;
        assertEquals(end, state(rehearsal), kind + " " + verb);
        List<Call> calls = new ArrayList<>(campaign.calls());
        Collections.shuffle(calls, random);
        for (Call call : calls.subList(0, Math.min(kills, calls.size()))) {
            FakeRoot fake = build(kind, verb, "tree" + call.name() + call.number(), verb.equals("remove"));
            campaign.kill(fake.tree().root(), verb, call);
            String when = kind + " " + verb + ", after a kill before " + call;
            BootIntegration boot = BootIntegration.of(fake.tree(), null);
            assertEquals(hooks(installed).equals(hooks(state(fake))), boot.verify().good(), when);
            if (verb.equals("install") && random.nextBoolean()) {
                boot.install(false);
                assertEquals(installed, state(fake), when);
            }
            boot.remove();
            assertEquals(pristine, state(fake), when);
        }
        System.out.println(kind + " " + verb + ": " + Math.min(kills, calls.size()) + " of " + calls.size() + " calls");
    }

    private FakeRoot build(Kind kind, String verb, String name, boolean installed) {
        FakeRoot fake = kind.build(directory.resolve(kind + verb + name));
        if (installed) {
            BootIntegration.of(fake.tree(), null).install(false);
        }
        return fake;
    }

    /** The scripts' receipts name the time. */
    private static Map<String, String> state(FakeRoot fake) {
        Map<String, String> all = new TreeMap<>(fake.snapshot());
        all.replaceAll((path, content) -> path.endsWith(".receipt.json") ? "" : content);
        return all;
    }

    /** Without the records, and without what is left of a file that was being written. */
    private static Map<String, String> hooks(Map<String, String> state) {
        Map<String, String> hooks = new TreeMap<>(state);
        hooks.keySet().removeIf(path -> path.startsWith("var/lib") || path.contains(".blktrack-"));
        return hooks;
    }
}
