package org.blktrack.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.blktrack.bootscript.FakeRoot;
import org.blktrack.bootscript.Tree;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** insserv puts our scripts where they belong among scripts whose headers have the shapes of Debian's. */
class InsservOrderTest {
    private static final Path INSSERV = Path.of("/usr/sbin/insserv");

    @TempDir
    Path root;

    private FakeRoot fake;

    @BeforeEach
    void scripts() throws Exception {
        assumeTrue(Files.isExecutable(INSSERV), "insserv is not installed");
        fake = FakeRoot.empty(root);
        script("mountkernfs", "", "", "S", "");
        script("udev", "mountkernfs", "", "S", "");
        script("checkroot", "udev", "", "S", "");
        script("lvm2", "checkroot", "", "S", "");
        script("cryptdisks", "checkroot lvm2", "", "S", "0 6");
        script("checkfs", "checkroot", "", "S", "");
        script("mountall", "checkfs", "", "S", "");
        script("umountfs", "", "umountroot", "", "0 6");
        script("umountroot", "", "halt", "", "0 6");
        script("mdadm-waitidle", "", "halt", "", "0 6");
        script("halt", "", "", "", "0");
        Tree tree = fake.tree();
        new SysvinitPlace().files(tree).forEach(file -> fake.program(file.path(), file.content()));
        for (String level : "S 0 1 2 3 4 5 6".split(" ")) {
            fake.directory("/etc/rc" + level + ".d");
        }
        fake.file("/etc/insserv.conf", "$local_fs +mountall\n");
        // Each option keeps a part of what insserv reads and writes off this machine's own boot scripts.
        List<String> command = new ArrayList<>(List.of(
                INSSERV.toString(),
                "--config", fake.path("/etc/insserv.conf").toString(),
                "--path", fake.path("/etc/init.d").toString(),
                "--override", fake.directory("/etc/overrides").path("/etc/overrides").toString(),
                "--insserv-dir", fake.directory("/lib/insserv").path("/lib/insserv").toString()));
        command.addAll(fake.tree().names("/etc/init.d"));
        Process process = new ProcessBuilder(command).inheritIO().start();
        assertEquals(0, process.waitFor());
    }

    private void script(String name, String after, String stopBefore, String starts, String stops) {
        fake.program(
                "/etc/init.d/" + name,
                String.join(
                        "\n",
                        "#!/bin/sh",
                        "### BEGIN INIT INFO",
                        "# Provides: " + name,
                        "# Required-Start: " + after,
                        "# Required-Stop:",
                        "# Should-Stop: " + stopBefore,
                        "# Default-Start: " + starts,
                        "# Default-Stop: " + stops,
                        "# Short-Description: x",
                        "### END INIT INFO",
                        ""));
    }

    private int number(String level, String script) {
        List<String> links = fake.tree().names("/etc/rc" + level + ".d");
        String link = links.stream().filter(name -> name.substring(3).equals(script)).findFirst().orElseThrow(() -> new AssertionError(script + " not in " + links));
        return Integer.parseInt(link.substring(1, 3));
    }

    @Test
    void startsBeforeRootIsCheckedAndAgainBeforeTheOthers() {
        assertTrue(number("S", "udev") < number("S", "blktrack-root"));
        assertTrue(number("S", "blktrack-root") < number("S", "checkroot"));
        for (String setUp : List.of("checkroot", "lvm2", "cryptdisks")) {
            assertTrue(number("S", setUp) < number("S", "blktrack"), setUp);
        }
        assertTrue(number("S", "blktrack") < number("S", "checkfs"));
        assertTrue(number("S", "blktrack") < number("S", "mountall"));
    }

    @Test
    void savesBetweenUmountrootAndTheEnd() {
        assertTrue(number("0", "umountroot") < number("0", "blktrack"));
        assertTrue(number("0", "blktrack") < number("0", "mdadm-waitidle"));
        assertTrue(number("0", "blktrack") < number("0", "halt"));
    }

    @Test
    void whatInsservDoesIsRight() {
        assertEquals(List.of(), new SysvinitPlace().states(fake.tree()).stream().filter(state -> !state.works()).toList());
    }
}
