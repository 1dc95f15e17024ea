package org.blktrack.bootscript;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.blktrack.model.BlktrackException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TreeTest {
    @TempDir
    Path root;

    @Test
    void absoluteLinksStayInTheTree() {
        FakeRoot fake = FakeRoot.empty(root).file("/usr/bin/x", "inside").link("/bin", "/usr/bin");
        assertEquals("inside", fake.tree().text("/bin/x"));
    }

    @Test
    void parentsOfTheRootAreTheRoot() {
        FakeRoot fake = FakeRoot.empty(root).file("/x", "inside").link("/etc/up", "../../../../../../x");
        assertEquals("inside", fake.tree().text("/etc/up"));
        assertEquals("inside", fake.tree().text("/../../x"));
    }

    @Test
    void linkToTheHostsFileFindsNothing() {
        FakeRoot fake = FakeRoot.empty(root).link("/etc/passwd", "/proc/self/environ");
        assertFalse(fake.tree().exists("/etc/passwd"));
    }

    @Test
    void placeKeepsTheLastLink() {
        FakeRoot fake = FakeRoot.empty(root).file("/usr/lib/x", "").link("/lib", "usr/lib").link("/usr/lib/y", "x");
        assertEquals(fake.path("/usr/lib/y").toString(), fake.tree().place("/lib/y").toString());
        assertEquals(fake.path("/usr/lib/x").toString(), fake.tree().resolve("/lib/y").toString());
    }

    @Test
    void circlesAreRefused() {
        FakeRoot fake = FakeRoot.empty(root).link("/a", "b").link("/b", "a");
        assertEquals("LINK_LOOP", assertThrows(BlktrackException.class, () -> fake.tree().exists("/a/x")).reason());
    }

    @Test
    void onlyTheSlashIsTheRunningSystem() {
        assertTrue(Tree.at(Path.of("/")).isRunning());
        assertFalse(Tree.at(root).isRunning());
        assertThrows(BlktrackException.class, () -> Tree.at(root.resolve("absent")));
    }
}
