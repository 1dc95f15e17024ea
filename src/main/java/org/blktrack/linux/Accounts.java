package org.blktrack.linux;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import java.util.Arrays;

/** The machine's accounts by way of libc's name service, which knows those of LDAP and sssd too. Facts: getgrnam(3), getgrouplist(3). */
final class Accounts {
    /** struct group begins with two pointers, name and password; then comes the number. */
    private static final long GROUP_NUMBER_OFFSET = 2L * Native.POINTER_SIZE;
    private static final int NOBODYS_GROUP = -1;
    private static final int FEW = 64;

    private Accounts() {}

    /** Whether the group's accounts hold the user. What can't be looked up is no. */
    static boolean isMember(String user, String group) {
        Integer number = groupNumber(group);
        return number != null && Arrays.stream(groupsOf(user)).anyMatch(each -> each == number);
    }

    /** @return null where there is no such group */
    private static synchronized Integer groupNumber(String group) {
        // One at a time: its answer lies in memory that the next call uses again.
        Pointer found = Libc.getgrnam(group);
        return found == null ? null : found.getInt(GROUP_NUMBER_OFFSET);
    }

    private static int[] groupsOf(String user) {
        IntByReference count = new IntByReference(FEW);
        int[] groups = new int[FEW];
        if (Libc.getgrouplist(user, NOBODYS_GROUP, groups, count) < 0) {
            groups = new int[count.getValue()];
            Libc.getgrouplist(user, NOBODYS_GROUP, groups, count);
        }
        return Arrays.copyOf(groups, Math.min(groups.length, count.getValue()));
    }

    private static final class Libc {
        static {
            Native.register(Libc.class, "c");
        }

        static native Pointer getgrnam(String name);

        static native int getgrouplist(String user, int group, int[] groups, IntByReference count);
    }
}
