package org.blktrack.boot;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.FileStore;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.FileStoreAttributeView;
import java.util.List;
import org.blktrack.bootscript.FakeRoot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageSpaceTest {
    private static final int IMAGE = 3 << 20;
    private static final int MARGIN = 1 << 20;

    @TempDir
    Path root;

    private FakeRoot fake() {
        return FakeRoot.systemd(root).delete("/usr/sbin/blktrack-helper").file("/boot/a", "x".repeat(IMAGE)).file("/boot/b", "x".repeat(2 * IMAGE));
    }

    /** Whether both images can be built anew there. */
    private static void require(FakeRoot fake, String type, long freeBytes) throws Exception {
        ImageSpace.require(fake.tree(), partition(type, freeBytes), List.of(new KernelImage("1", "/boot/a"), new KernelImage("2", "/boot/b")));
    }

    @Test
    void newImagesLieBesideOldOnes() {
        FakeRoot fake = fake();
        assertDoesNotThrow(() -> require(fake, "ext4", MARGIN + 3 * IMAGE));
        assertEquals("NO_SPACE_IN_BOOT", assertThrows(Refusal.class, () -> require(fake, "ext4", MARGIN + 3 * IMAGE - 1)).reason());
    }

    @Test
    void withoutHardLinksOneMoreIsThere() {
        FakeRoot fake = fake();
        assertDoesNotThrow(() -> require(fake, "vfat", MARGIN + 5 * IMAGE));
        assertEquals("NO_SPACE_IN_BOOT", assertThrows(Refusal.class, () -> require(fake, "vfat", MARGIN + 5 * IMAGE - 1)).reason());
    }

    private static FileStore partition(String type, long freeBytes) {
        return new FileStore() {
            @Override
            public String name() {
                return "boot";
            }

            @Override
            public String type() {
                return type;
            }

            @Override
            public boolean isReadOnly() {
                return false;
            }

            @Override
            public long getTotalSpace() {
                return Long.MAX_VALUE;
            }

            @Override
            public long getUsableSpace() {
                return freeBytes;
            }

            @Override
            public long getUnallocatedSpace() {
                return freeBytes;
            }

            @Override
            public boolean supportsFileAttributeView(Class<? extends FileAttributeView> view) {
                return false;
            }

            @Override
            public boolean supportsFileAttributeView(String view) {
                return false;
            }

            @Override
            public <V extends FileStoreAttributeView> V getFileStoreAttributeView(Class<V> view) {
                return null;
            }

            @Override
            public Object getAttribute(String attribute) {
                return null;
            }
        };
    }
}
