package org.blktrack.daemon;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.Semaphore;
import org.blktrack.linux.Peer;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ExitStatus;
import org.blktrack.model.IoCause;
import org.blktrack.wire.AgentProcess;
import org.blktrack.wire.VarlinkStream;

/** Listens on the varlink socket; a thread a connection. Only root and the group {@code blktrack} are answered. */
final class VarlinkServer implements AutoCloseable {
    static final String GROUP = "blktrack";
    static final int MOST_CONNECTIONS = 64;
    /** A call is a device and two change ids. What is larger would only cost the daemon memory. */
    static final int LARGEST_CALL = 64 << 10;
    /** Programs that ask all at once wait for their turn. */
    private static final int BACKLOG = 256;
    private static final long STACK_BYTES = 256 << 10;

    private final ServerSocketChannel server;
    private final Path socket;
    private final VarlinkService service;
    private final Semaphore places = new Semaphore(MOST_CONNECTIONS);

    private VarlinkServer(ServerSocketChannel server, Path socket, VarlinkService service) {
        this.server = server;
        this.socket = socket;
        this.service = service;
    }

    /** The socket appears under its name only when it has its mode and its group. A stale one is replaced: the caller holds the state's lock. */
    static VarlinkServer listen(Path socket, VarlinkService service) {
        Path fresh = socket.resolveSibling(socket.getFileName() + ".new");
        try {
            Files.createDirectories(socket.toAbsolutePath().getParent());
            refuseIfAnswered(socket);
            Files.deleteIfExists(fresh);
            ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            server.bind(AgentProcess.address(fresh), BACKLOG);
            giveToGroup(fresh);
            Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rw-rw----"));
            Files.move(fresh, socket, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            return new VarlinkServer(server, socket, service);
        } catch (IOException e) {
            throw new BlktrackException(ExitStatus.FAILED, "SOCKET_NOT_MADE", "cannot listen on " + socket + ": " + IoCause.of(e),
                    IoCause.remedy(e, socket), e);
        }
    }

    /** Another instance, with another state folder, may have been given the same socket. */
    private static void refuseIfAnswered(Path socket) {
        try (SocketChannel other = SocketChannel.open(AgentProcess.address(socket))) {
            throw new BlktrackException(ExitStatus.BUSY, "BUSY", "another daemon answers on " + socket, "Choose another --socket.");
        } catch (IOException nobody) {
            // As it should be.
        }
    }

    private static void giveToGroup(Path socket) throws IOException {
        try {
            Files.getFileAttributeView(socket, PosixFileAttributeView.class)
                    .setGroup(FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByGroupName(GROUP));
        } catch (java.nio.file.attribute.UserPrincipalNotFoundException noSuchGroup) {
            // Then root alone may ask.
        }
    }

    /** Serves until closed. */
    void serve() throws IOException {
        while (true) {
            SocketChannel connection;
            try {
                connection = server.accept();
            } catch (ClosedChannelException closed) {
                return;
            }
            if (!places.tryAcquire()) {
                turnAway(connection);
                continue;
            }
            new Thread(null, () -> serve(connection), "varlink", STACK_BYTES).start();
        }
    }

    /** So short a reply fits into the buffer of a connection that is new, and waits for nobody. */
    private static void turnAway(SocketChannel connection) {
        try (VarlinkStream stream = new VarlinkStream(connection)) {
            stream.send(VarlinkSession.failure(new BlktrackException(ExitStatus.BUSY, "BUSY",
                    "blktrackd holds " + MOST_CONNECTIONS + " connections already, and takes no more",
                    "Ask again when others have ended; a program may keep connections open that it does not use.")));
        } catch (IOException peerWentAway) {
            // It need not be told.
        }
    }

    private void serve(SocketChannel connection) {
        try (VarlinkStream stream = new VarlinkStream(connection, LARGEST_CALL)) {
            new VarlinkSession(stream, service, Peer.of(connection).isTrusted(GROUP)).run();
        } catch (IOException peerWentAway) {
            // Its question dies with it.
        } finally {
            places.release();
        }
    }

    @Override
    public void close() {
        try {
            server.close();
            Files.deleteIfExists(socket);
        } catch (IOException e) {
            System.err.println("blktrackd: " + e.getMessage());
        }
    }
}
