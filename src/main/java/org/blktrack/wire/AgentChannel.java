package org.blktrack.wire;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ByteChannel;
import java.util.List;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ExitStatus;

/** Frames agent messages on a stream: a 32-bit little-endian length, then that many bytes. */
public final class AgentChannel implements Agent {
    private static final int LARGEST_MESSAGE = 16 << 20;

    private final ByteChannel stream;

    public AgentChannel(ByteChannel stream) {
        this.stream = stream;
    }

    @Override
    public synchronized List<AgentRecord> call(AgentRequest request) {
        byte[] reply;
        try {
            send(AgentCodec.encode(request));
            reply = receive();
        } catch (IOException e) {
            close();
            throw new BlktrackException(ExitStatus.FAILED, "AGENT_GONE",
                    "blktrack-helper ended while it was asked for '" + request.verb() + "'",
                    "Ask again: the daemon starts another; the kernel went on tracking.", e);
        }
        return AgentCodec.decodeReply(reply);
    }

    public void send(byte[] message) throws IOException {
        ByteBuffer frame = ByteBuffer.allocate(Integer.BYTES + message.length).order(ByteOrder.LITTLE_ENDIAN);
        frame.putInt(message.length).put(message).flip();
        while (frame.hasRemaining()) {
            stream.write(frame);
        }
    }

    /** @throws EOFException at the stream's end */
    public byte[] receive() throws IOException {
        int length = fill(Integer.BYTES).getInt();
        if (length < 0 || length > LARGEST_MESSAGE) {
            throw new IOException("a message of " + Integer.toUnsignedString(length) + " bytes");
        }
        return fill(length).array();
    }

    private ByteBuffer fill(int bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
        while (buffer.hasRemaining()) {
            if (stream.read(buffer) < 0) {
                throw new EOFException("the stream ended");
            }
        }
        return buffer.flip();
    }

    @Override
    public void close() {
        try {
            stream.close();
        } catch (IOException alreadyGone) {
            // Nothing is kept in the stream.
        }
    }
}
