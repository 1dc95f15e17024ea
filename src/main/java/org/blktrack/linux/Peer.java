package org.blktrack.linux;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import jdk.net.ExtendedSocketOptions;
import jdk.net.UnixDomainPrincipal;

/**
 * Who is at the other end of a Unix socket, by the kernel's word (SO_PEERCRED).
 *
 * @param user name, or the number of a user without one
 * @param group the primary group's name
 */
public record Peer(String user, String group) {
    private static final Path GROUPS = Path.of("/etc/group");

    /** Root's name, and its number, which stands for it where no account is known: in a rescue system, say. */
    private static final Set<String> ROOT = Set.of("root", "0");

    public static Peer of(SocketChannel channel) throws IOException {
        UnixDomainPrincipal principal = channel.getOption(ExtendedSocketOptions.SO_PEERCRED);
        return new Peer(principal.user().getName(), principal.group().getName());
    }

    /** Whether the peer is root, the user this process runs as, or in the group. */
    public boolean isTrusted(String trustedGroup) {
        return ROOT.contains(user) || user.equals(System.getProperty("user.name")) || group.equals(trustedGroup)
                || membersOf(trustedGroup).contains(user);
    }

    private static List<String> membersOf(String group) {
        try {
            return parseMembers(Files.readAllLines(GROUPS), group);
        } catch (IOException e) {
            return List.of();
        }
    }

    /** @param lines of /etc/group: {@code name:password:gid:member,member} (group(5)) */
    static List<String> parseMembers(List<String> lines, String group) {
        return lines.stream()
                .map(line -> line.split(":", -1))
                .filter(fields -> fields.length == 4 && fields[0].equals(group))
                .flatMap(fields -> Arrays.stream(fields[3].split(",")))
                .map(String::trim)
                .filter(member -> !member.isEmpty())
                .toList();
    }
}
