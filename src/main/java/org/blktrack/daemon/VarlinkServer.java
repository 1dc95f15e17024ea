package org.blktrack.daemon;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.nio.channels.Channel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.blktrack.linux.Peer;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ExitStatus;
import org.blktrack.model.IoCause;
import org.blktrack.wire.UnixAddress;
import org.blktrack.wire.VarlinkStream;

/** Listens on the varlink socket; a thread a connection. Only root and the group {@code blktrack} are answered. */
final class VarlinkServer implements AutoCloseable {
    static final String GROUP = "blktrack";
    static final int MOST_CONNECTIONS = 64;
    /** A call is a device and two change ids. What is larger would only cost the daemon memory. */
    static final int LARGEST_CALL = 64 << 10;
    /** Programs that ask all at once wait for their turn. */
    private static final long ACCEPT_PAUSE_MS = 200;
    private static final int BACKLOG = 256;
    private static final long STACK_BYTES = 256 << 10;

    /** A connection that is new has not had the time to call. */
    private static final long IDLE_GRACE_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long STALL_LIMIT_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final Path socket;
    private final VarlinkService service;
    private final Set<Connection> connections = new HashSet<>();
    private Listener listener;
    private boolean closed;

    /** A bound socket, and the file that it was bound to: another may come to have the name. */
    private record Listener(ServerSocketChannel channel, Object file) {}

    private VarlinkServer(Path socket, VarlinkService service) {
        this.socket = socket;
        this.service = service;
        listener = bind(socket);
    }

    /** A stale socket is replaced: the caller holds the state's lock. */
    static VarlinkServer listen(Path socket, VarlinkService service) {
        return new VarlinkServer(socket, service);
    }

    /** The socket appears under its name only when it has its mode and its group. */
    private static Listener bind(Path socket) {
        Path fresh = socket.resolveSibling(socket.getFileName() + ".new");
        ServerSocketChannel channel = null;
        try {
            Files.createDirectories(socket.toAbsolutePath().getParent());
            refuseIfAnswered(socket);
            Files.deleteIfExists(fresh);
            channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            channel.bind(UnixAddress.of(fresh), BACKLOG);
            giveToGroup(fresh);
            Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rw-rw----"));
            Object file = fileAt(fresh);
            Files.move(fresh, socket, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            return new Listener(channel, file);
        } catch (IOException e) {
            close(channel);
            throw new BlktrackException(ExitStatus.FAILED, "SOCKET_NOT_MADE", "cannot listen on " + socket + ": " + IoCause.of(e),
                    IoCause.remedy(e, socket), e);
        }
    }

    /** Another instance, with another state folder, may have been given the same socket. */
    private static void refuseIfAnswered(Path socket) {
        try (SocketChannel other = SocketChannel.open(UnixAddress.of(socket))) {
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

    /** Device and inode; null where there is nothing. */
    private static Object fileAt(Path socket) {
        try {
            return Files.readAttributes(socket, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS).fileKey();
        } catch (IOException nothing) {
            return null;
        }
    }

    /** Serves until closed. What keeps one client from coming in, such as too many open files, is told, and no reason to end. */
    void serve() {
        for (Listener now = listener(); now != null; now = listener()) {
            try {
                take(new Connection(now.channel.accept()));
            } catch (ClosedChannelException closedOrBoundAgain) {
                // The next listener, where there is one.
            } catch (IOException e) {
                System.err.println("blktrackd: cannot take a connection: " + IoCause.of(e));
                pause();
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(ACCEPT_PAUSE_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized Listener listener() {
        return closed ? null : listener;
    }

    private void take(Connection connection) {
        if (!admit(connection)) {
            turnAway(connection);
            return;
        }
        new Thread(null, () -> serve(connection), "varlink", STACK_BYTES).start();
    }

    /** Who is idle longest has to make room: a program that forgets its connections must not lock the others out. */
    private synchronized boolean admit(Connection connection) {
        if (connections.size() >= MOST_CONNECTIONS) {
            Connection idle = connections.stream().max(Comparator.comparingLong(Connection::idleNanos)).orElseThrow();
            if (idle.idleNanos() < IDLE_GRACE_NANOS) {
                return false;
            }
            connections.remove(idle);
            close(idle);
        }
        return connections.add(connection);
    }

    private synchronized void leave(Connection connection) {
        connections.remove(connection);
    }

    /** So short a reply fits into the buffer of a connection that is new, and waits for nobody. */
    private static void turnAway(Connection connection) {
        try (VarlinkStream stream = new VarlinkStream(connection)) {
            stream.send(VarlinkSession.failure(new BlktrackException(ExitStatus.BUSY, "BUSY",
                    "blktrackd is at work on " + MOST_CONNECTIONS + " connections already, and takes no more",
                    "Ask again when others have ended.")));
        } catch (IOException peerWentAway) {
            // It need not be told.
        }
    }

    private void serve(Connection connection) {
        try (VarlinkStream stream = new VarlinkStream(connection, LARGEST_CALL)) {
            new VarlinkSession(stream, service, Peer.of(connection.socket()).isTrusted(GROUP)).run();
        } catch (IOException peerWentAway) {
            // Its question dies with it.
        } finally {
            leave(connection);
        }
    }

    /** What has to be done now and then: hangs up on clients that take nothing, and is there again where the socket was removed. */
    void tend() {
        hangUpOnStalled(STALL_LIMIT_NANOS);
        if (listener() != null && !listener().file.equals(fileAt(socket))) {
            listenAgain();
        }
    }

    /** Their answers hold files and memory. */
    synchronized void hangUpOnStalled(long limitNanos) {
        connections.stream().filter(each -> each.stalledNanos() >= limitNanos).forEach(VarlinkServer::close);
    }

    private synchronized void listenAgain() {
        if (closed) {
            return;
        }
        Listener old = listener;
        listener = bind(socket);
        close(old.channel);
        System.err.println("blktrackd: " + socket + " was removed or replaced: listening there again");
    }

    private static void close(Channel channel) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            System.err.println("blktrackd: " + e.getMessage());
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        close(listener.channel);
        try {
            if (listener.file.equals(fileAt(socket))) {
                Files.delete(socket);
            }
        } catch (IOException e) {
            System.err.println("blktrackd: " + e.getMessage());
        }
    }
}
