package org.blktrack.daemon;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.SocketChannel;

/**
 * A client's connection, which knows how long it has waited for its client. While it reads, no call of the client's is in progress; while it
 * writes, the client is behind with taking an answer.
 */
final class Connection implements ByteChannel {
    /** A write ends when all of it is taken: pieces show that a slow client goes on. */
    private static final int PIECE_BYTES = 64 << 10;

    private enum State { READING, WRITING, AT_WORK }

    private final SocketChannel socket;
    private State state = State.READING;
    private long sinceNanos = System.nanoTime();

    Connection(SocketChannel socket) {
        this.socket = socket;
    }

    SocketChannel socket() {
        return socket;
    }

    private synchronized void enter(State next) {
        state = next;
        sinceNanos = System.nanoTime();
    }

    private synchronized long nanosIn(State wanted) {
        return state == wanted ? System.nanoTime() - sinceNanos : -1;
    }

    /** How long no call has been in progress; -1 while one is. */
    long idleNanos() {
        return nanosIn(State.READING);
    }

    /** How long the client has taken nothing of what waits for it; -1 where nothing does. */
    long stalledNanos() {
        return nanosIn(State.WRITING);
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        enter(State.READING);
        try {
            return socket.read(into);
        } finally {
            enter(State.AT_WORK);
        }
    }

    @Override
    public int write(ByteBuffer from) throws IOException {
        int whole = from.limit();
        from.limit(Math.min(whole, from.position() + PIECE_BYTES));
        enter(State.WRITING);
        try {
            return socket.write(from);
        } finally {
            enter(State.AT_WORK);
            from.limit(whole);
        }
    }

    @Override
    public boolean isOpen() {
        return socket.isOpen();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
