package org.blktrack.linux;

import com.sun.jna.LastErrorException;
import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.NativeLong;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * All extended attributes of a file, by way of JNA: the SELinux label (security.selinux), ACLs (system.posix_acl_access),
 * capabilities and user attributes. Java's own copy reaches the user namespace for certain and the others only perhaps.
 */
public final class ExtendedAttributes {
    private static final int EOPNOTSUPP = 95;
    private static final int LONGEST = 65_536; // XATTR_SIZE_MAX and XATTR_LIST_MAX in linux/limits.h

    private interface C extends Library {
        NativeLong llistxattr(String path, byte[] list, NativeLong size) throws LastErrorException;

        NativeLong lgetxattr(String path, String name, byte[] value, NativeLong size) throws LastErrorException;

        int lsetxattr(String path, String name, byte[] value, NativeLong size, int flags) throws LastErrorException;
    }

    private static final C LIBC = Native.load("c", C.class);

    private ExtendedAttributes() {}

    /** @return name to value; empty where the file system knows no attributes */
    public static Map<String, byte[]> read(Path path) throws IOException {
        Map<String, byte[]> all = new LinkedHashMap<>();
        try {
            byte[] list = new byte[LONGEST];
            int length = LIBC.llistxattr(path.toString(), list, new NativeLong(LONGEST)).intValue();
            String names = new String(list, 0, length, StandardCharsets.UTF_8);
            for (String name : names.isEmpty() ? new String[0] : names.split("\0")) {
                byte[] value = new byte[LONGEST];
                int size = LIBC.lgetxattr(path.toString(), name, value, new NativeLong(LONGEST)).intValue();
                all.put(name, Arrays.copyOf(value, size));
            }
        } catch (LastErrorException e) {
            if (e.getErrorCode() != EOPNOTSUPP) {
                throw new IOException("read the extended attributes of " + path + ": " + e.getMessage(), e);
            }
        }
        return all;
    }

    public static void write(Path path, Map<String, byte[]> attributes) throws IOException {
        for (Map.Entry<String, byte[]> entry : attributes.entrySet()) {
            byte[] value = entry.getValue();
            try {
                LIBC.lsetxattr(path.toString(), entry.getKey(), value, new NativeLong(value.length), 0);
            } catch (LastErrorException e) {
                throw new IOException("set " + entry.getKey() + " on " + path + ": " + e.getMessage(), e);
            }
        }
    }

    /** Whether both hold the same names with the same values. */
    public static boolean same(Map<String, byte[]> one, Map<String, byte[]> other) {
        return one.keySet().equals(other.keySet())
                && one.entrySet().stream().allMatch(e -> Arrays.equals(e.getValue(), other.get(e.getKey())));
    }
}
