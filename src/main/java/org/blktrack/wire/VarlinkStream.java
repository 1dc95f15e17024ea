package org.blktrack.wire;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.MalformedJsonException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.charset.StandardCharsets;

/** Varlink's framing: a JSON object in UTF-8, and a zero byte behind it. */
public final class VarlinkStream implements AutoCloseable {
    private static final int LARGEST_MESSAGE = 16 << 20;

    private final ByteChannel stream;
    private final int largestMessage;
    private final ByteBuffer input = ByteBuffer.allocate(16 << 10).flip();

    public VarlinkStream(ByteChannel stream) {
        this(stream, LARGEST_MESSAGE);
    }

    /** @param largestMessage what the other side may send, in bytes */
    public VarlinkStream(ByteChannel stream, int largestMessage) {
        this.stream = stream;
        this.largestMessage = largestMessage;
    }

    public void send(JsonObject message) throws IOException {
        // An element's own text has its nulls, and needs no Gson object, which is slow to make.
        byte[] text = message.toString().getBytes(StandardCharsets.UTF_8);
        ByteBuffer frame = ByteBuffer.allocate(text.length + 1).put(text).put((byte) 0).flip();
        while (frame.hasRemaining()) {
            stream.write(frame);
        }
    }

    /** @return null at the stream's end @throws MalformedMessageException for what is no JSON object, or too large @throws IOException also for a message cut short */
    public JsonObject receive() throws IOException {
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        while (true) {
            if (!input.hasRemaining() && !refill()) {
                if (message.size() > 0) {
                    throw new IOException("the message was cut short");
                }
                return null;
            }
            boolean whole = takeUpToZero(message);
            if (message.size() > largestMessage) {
                throw new MalformedMessageException("it has more than " + largestMessage + " bytes", null);
            }
            if (whole) {
                return parse(message.toString(StandardCharsets.UTF_8));
            }
        }
    }

    private boolean refill() throws IOException {
        int read = stream.read(input.clear());
        input.flip();
        return read >= 0;
    }

    private boolean takeUpToZero(ByteArrayOutputStream message) {
        int start = input.position();
        int end = start;
        while (end < input.limit() && input.get(end) != 0) {
            end++;
        }
        message.write(input.array(), start, end - start);
        boolean whole = end < input.limit();
        input.position(whole ? end + 1 : end);
        return whole;
    }

    private static JsonObject parse(String text) throws IOException {
        try {
            JsonReader reader = new JsonReader(new StringReader(text));
            // Gson's own way takes quotes, words and comments that no other program does.
            reader.setStrictness(Strictness.STRICT);
            JsonObject message = JsonParser.parseReader(reader).getAsJsonObject();
            if (reader.peek() != JsonToken.END_DOCUMENT) {
                throw new MalformedMessageException("more follows its JSON object", null);
            }
            return message;
        } catch (JsonParseException | IllegalStateException | MalformedJsonException e) {
            throw new MalformedMessageException("it is no JSON object", e);
        }
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
