package org.blktrack.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InsservKeptOrderTest {
    private static final String BOOT = "/etc/init.d/.depend.boot";

    @TempDir
    Path root;

    private FakeRoot fake() {
        return FakeRoot.empty(root).directory("/var/lib/blktrack").file(BOOT, "TARGETS = a b c\nc: a b\n");
    }

    @Test
    void anOrderOfChanceIsPutBack() throws IOException {
        FakeRoot fake = fake();
        Map<String, String> before = fake.snapshot();
        InsservOrder.keep(fake.tree());
        fake.file(BOOT, "TARGETS = a blktrack b c\n");
        InsservOrder.keep(fake.tree());
        fake.file(BOOT, "TARGETS = b a c\nc: b a\n");
        InsservOrder.putBack(fake.tree());
        assertEquals(before, fake.snapshot());
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
