package org.blktrack.linux;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class AccountsTest {
    /** Every account that /etc/group names as a member is one. */
    @Test
    void agreesWithTheGroupFile() throws IOException {
        for (String line : Files.readAllLines(Path.of("/etc/group"))) {
            String[] fields = line.split(":", -1);
            for (String user : fields[3].split(",")) {
                assertTrue(user.isEmpty() || Accounts.isMember(user, fields[0]), user + " in " + fields[0]);
            }
        }
    }

    @Test
    void whoIsUnknownIsNoMember() {
        assertFalse(Accounts.isMember("root", "no-such-group"));
        assertFalse(Accounts.isMember("4711", "root"));
        assertTrue(new Peer("0", "whatever").isTrusted("no-such-group"));
    }
}
