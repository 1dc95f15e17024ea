package org.blktrack.wire;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ExitStatus;
import org.blktrack.model.IoCause;

/** Asks the daemon, over its varlink socket. */
public final class VarlinkClient implements AutoCloseable {
    public static final String INTERFACE = "org.blktrack.Tracker";
    public static final String FAILED = INTERFACE + ".Failed";
    public static final String NO_PRIVILEGE = "NO_PRIVILEGE";
    private static final String MEMBERS_ONLY = "Only root and members of the group blktrack may: ask as one of them.";
    private static final String PERMISSION_DENIED = "org.varlink.service.PermissionDenied";

    private final Path socket;
    private final VarlinkStream stream;
    private final Patience patience;

    private VarlinkClient(Path socket, VarlinkStream stream, Patience patience) {
        this.socket = socket;
        this.stream = stream;
        this.patience = patience;
    }

    /** @throws BlktrackException {@code DAEMON_NOT_REACHABLE}; {@code NO_PRIVILEGE} where this user may not ask */
    public static VarlinkClient connect(Path socket) {
        return connect(socket, () -> {});
    }

    /** @param slow run once, by another thread, where a reply takes more than five seconds */
    public static VarlinkClient connect(Path socket, Runnable slow) {
        try {
            SocketChannel channel = SocketChannel.open(UnixAddress.of(socket));
            return new VarlinkClient(socket, new VarlinkStream(channel), Patience.start(slow));
        } catch (IOException e) {
            String failed = "cannot reach blktrackd at " + socket + ": " + IoCause.of(e);
            if (IoCause.isDenied(e)) {
                throw new BlktrackException(ExitStatus.FAILED, NO_PRIVILEGE, failed, MEMBERS_ONLY, e);
            }
            throw new BlktrackException(ExitStatus.DAEMON_UNREACHABLE, "DAEMON_NOT_REACHABLE", failed,
                    "Start it (systemctl start blktrackd, or blktrackd --foreground), or name its --socket.", e);
        }
    }

    /** @param method without the interface's name @return the reply's parameters */
    public JsonObject call(String method, JsonObject parameters) {
        send(method, parameters, false);
        return receive(method).parameters();
    }

    /** Calls with {@code more}: every reply's parameters go to the consumer. */
    public void callMore(String method, JsonObject parameters, Consumer<JsonObject> each) {
        send(method, parameters, true);
        VarlinkReply reply;
        do {
            reply = receive(method);
            each.accept(reply.parameters());
        } while (reply.continues());
    }

    private void send(String method, JsonObject parameters, boolean more) {
        JsonObject message = new JsonObject();
        message.addProperty("method", INTERFACE + "." + method);
        message.add("parameters", parameters);
        if (more) {
            message.addProperty("more", true);
        }
        try {
            stream.send(message);
        } catch (IOException e) {
            BlktrackException why = refused();
            throw why == null ? lost(method, e) : why;
        }
    }

    /** What a daemon that does not listen said before it hung up; null where it said nothing. */
    private BlktrackException refused() {
        try {
            JsonObject message = stream.receive();
            return message != null && message.has("error") ? failure(VarlinkReply.of(message)) : null;
        } catch (IOException nothing) {
            return null;
        }
    }

    private VarlinkReply receive(String method) {
        try {
            patience.begin();
            JsonObject message = stream.receive();
            patience.end();
            if (message == null) {
                throw lost(method, null);
            }
            VarlinkReply reply = VarlinkReply.of(message);
            if (reply.error() != null) {
                throw failure(reply);
            }
            return reply;
        } catch (MalformedMessageException e) {
            throw new BadReplyException("what answered " + method + " at " + socket + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw lost(method, e);
        }
    }

    private BlktrackException lost(String method, IOException cause) {
        return new BlktrackException(ExitStatus.DAEMON_UNREACHABLE, "DAEMON_GONE",
                "blktrackd at " + socket + " ended the connection while it was asked for " + method
                        + (cause == null ? "" : ": " + cause.getMessage()),
                "Its own messages say why; ask again when it runs.", cause);
    }

    private static BlktrackException failure(VarlinkReply reply) throws IOException {
        JsonObject parameters = reply.parameters();
        if (reply.error().equals(PERMISSION_DENIED)) {
            return new BlktrackException(ExitStatus.FAILED, NO_PRIVILEGE, "blktrackd does not answer this user", MEMBERS_ONLY);
        }
        if (!reply.error().equals(FAILED)) {
            return new BlktrackException(ExitStatus.FAILED, "VARLINK", "blktrackd answered " + reply.error() + " " + parameters,
                    "Are blktrack and blktrackd of one version?");
        }
        String name = VarlinkReply.text(parameters, "name");
        String message = VarlinkReply.text(parameters, "message");
        if (name == null || message == null) {
            throw new MalformedMessageException("an error without a name or a message", null);
        }
        return new BlktrackException(status(parameters), name, message, VarlinkReply.text(parameters, "remedy"));
    }

    private static ExitStatus status(JsonObject parameters) throws IOException {
        JsonElement status = parameters.get("status");
        if (status == null || !status.isJsonPrimitive() || !status.getAsJsonPrimitive().isNumber()) {
            throw new MalformedMessageException("an error without a status", null);
        }
        return ExitStatus.of(status.getAsNumber().intValue());
    }

    @Override
    public void close() {
        patience.close();
        stream.close();
    }
}
