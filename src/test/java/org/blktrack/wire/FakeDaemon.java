package org.blktrack.wire;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Answers every connection's first call with the same bytes, and hangs up. */
public final class FakeDaemon implements AutoCloseable {
    private final ServerSocketChannel server;
    private final byte[] answer;

    /** @param answer zero bytes between messages and all */
    public FakeDaemon(Path socket, String answer) throws IOException {
        this.answer = answer.getBytes(StandardCharsets.UTF_8);
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(socket));
        Thread thread = new Thread(this::serve);
        thread.setDaemon(true);
        thread.start();
    }

    private void serve() {
        try {
            while (true) {
                try (SocketChannel connection = server.accept(); VarlinkStream stream = new VarlinkStream(connection)) {
                    stream.receive();
                    ByteBuffer bytes = ByteBuffer.wrap(answer);
                    while (bytes.hasRemaining()) {
                        connection.write(bytes);
                    }
                } catch (java.nio.channels.ClosedChannelException closed) {
                    return;
                }
            }
        } catch (IOException callerWentAway) {
            // It had read enough.
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
