package org.blktrack.linux;

import java.io.IOException;
import java.nio.channels.SocketChannel;
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
    /** Root's name, and its number, which stands for it where no account is known: in a rescue system, say. */
    private static final Set<String> ROOT = Set.of("root", "0");

    public static Peer of(SocketChannel channel) throws IOException {
        UnixDomainPrincipal principal = channel.getOption(ExtendedSocketOptions.SO_PEERCRED);
        return new Peer(principal.user().getName(), principal.group().getName());
    }

    /** Whether the peer is root, the user this process runs as, or in the group by its account; what the process alone was given does not count. */
    public boolean isTrusted(String trustedGroup) {
        return ROOT.contains(user) || user.equals(System.getProperty("user.name")) || group.equals(trustedGroup)
                || Accounts.isMember(user, trustedGroup);
    }
}
