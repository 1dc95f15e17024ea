package org.blktrack.wire;

import java.net.UnixDomainSocketAddress;
import java.nio.charset.Charset;
import java.nio.file.Path;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ExitStatus;

/** The address of a Unix socket that has a path. */
public final class UnixAddress {
    /** The kernel takes 107. */
    private static final int LARGEST_BYTES = 100;

    /** What the JVM writes paths in. */
    private static final Charset PATHS = Charset.forName(System.getProperty("sun.jnu.encoding"));

    private UnixAddress() {}

    /** @throws BlktrackException where the path is too long for a Unix socket */
    public static UnixDomainSocketAddress of(Path path) {
        if (path.toString().getBytes(PATHS).length > LARGEST_BYTES) {
            throw new BlktrackException(ExitStatus.USAGE, "SOCKET_PATH_TOO_LONG",
                    "socket path " + path + " is longer than " + LARGEST_BYTES + " bytes", "Choose a shorter --state-dir or --socket.");
        }
        return UnixDomainSocketAddress.of(path);
    }
}
