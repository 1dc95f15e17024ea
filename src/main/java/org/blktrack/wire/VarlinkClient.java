package org.blktrack.wire;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ExitStatus;

/** Asks the daemon, over its varlink socket. */
public final class VarlinkClient implements AutoCloseable {
    public static final String INTERFACE = "org.blktrack.Tracker";
    public static final String FAILED = INTERFACE + ".Failed";
    private static final String PERMISSION_DENIED = "org.varlink.service.PermissionDenied";

    private final Path socket;
    private final VarlinkStream stream;

    private VarlinkClient(Path socket, VarlinkStream stream) {
        this.socket = socket;
        this.stream = stream;
    }

    /** @throws BlktrackException {@code DAEMON_NOT_REACHABLE} */
    public static VarlinkClient connect(Path socket) {
        try {
            return new VarlinkClient(socket, new VarlinkStream(SocketChannel.open(AgentProcess.address(socket))));
        } catch (IOException e) {
            boolean denied = String.valueOf(e.getMessage()).contains("Permission denied");
            throw new BlktrackException(ExitStatus.DAEMON_UNREACHABLE, "DAEMON_NOT_REACHABLE",
                    "cannot reach blktrackd at " + socket + ": " + e.getMessage(),
                    denied ? "Only root and members of the group blktrack may."
                            : "Start it (systemctl start blktrackd, or blktrackd --foreground), or name its --socket.", e);
        }
    }

    /** @param method without the interface's name @return the reply's parameters */
    public JsonObject call(String method, JsonObject parameters) {
        send(method, parameters, false);
        return receive(method).getAsJsonObject("parameters");
    }

    /** Calls with {@code more}: every reply's parameters go to the consumer. */
    public void callMore(String method, JsonObject parameters, Consumer<JsonObject> each) {
        send(method, parameters, true);
        boolean continues = true;
        while (continues) {
            JsonObject reply = receive(method);
            JsonElement more = reply.get("continues");
            continues = more != null && more.getAsBoolean();
            each.accept(reply.getAsJsonObject("parameters"));
        }
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
            JsonObject reply = stream.receive();
            return reply != null && reply.has("error") ? failure(reply.get("error").getAsString(), reply.getAsJsonObject("parameters")) : null;
        } catch (IOException nothing) {
            return null;
        }
    }

    private JsonObject receive(String method) {
        JsonObject reply;
        try {
            reply = stream.receive();
        } catch (IOException e) {
            throw lost(method, e);
        }
        if (reply == null) {
            throw lost(method, null);
        }
        if (!reply.has("parameters")) {
            reply.add("parameters", new JsonObject());
        }
        if (reply.has("error")) {
            throw failure(reply.get("error").getAsString(), reply.getAsJsonObject("parameters"));
        }
        return reply;
    }

    private BlktrackException lost(String method, IOException cause) {
        return new BlktrackException(ExitStatus.DAEMON_UNREACHABLE, "DAEMON_GONE",
                "blktrackd at " + socket + " ended the connection while it was asked for " + method
                        + (cause == null ? "" : ": " + cause.getMessage()),
                "Its own messages say why; ask again when it runs.", cause);
    }

    private static BlktrackException failure(String error, JsonObject parameters) {
        if (error.equals(PERMISSION_DENIED)) {
            return new BlktrackException(ExitStatus.FAILED, "NO_PRIVILEGE", "blktrackd does not answer this user",
                    "Only root and members of the group blktrack may.");
        }
        if (!error.equals(FAILED)) {
            return new BlktrackException(ExitStatus.FAILED, "VARLINK", "blktrackd answered " + error + " " + parameters,
                    "Are blktrack and blktrackd of one version?");
        }
        JsonElement remedy = parameters.get("remedy");
        return new BlktrackException(ExitStatus.of(parameters.get("status").getAsInt()),
                parameters.get("name").getAsString(), parameters.get("message").getAsString(),
                remedy == null || remedy.isJsonNull() ? null : remedy.getAsString());
    }

    @Override
    public void close() {
        stream.close();
    }
}
