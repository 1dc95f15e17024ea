package org.blktrack.daemon;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.Set;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ExitStatus;
import org.blktrack.wire.VarlinkClient;
import org.blktrack.wire.VarlinkStream;

/** One connection: calls in, replies out, and what every varlink service answers about itself. */
final class VarlinkSession {
    private static final String SERVICE = "org.varlink.service";
    private static final Set<String> MEMBERS = Set.of("method", "parameters", "more", "oneway", "upgrade");

    private final VarlinkStream stream;
    private final VarlinkService service;
    private final boolean trusted;

    VarlinkSession(VarlinkStream stream, VarlinkService service, boolean trusted) {
        this.stream = stream;
        this.service = service;
        this.trusted = trusted;
    }

    void run() throws IOException {
        for (JsonObject call = stream.receive(); call != null; call = stream.receive()) {
            boolean oneway = false;
            try {
                oneway = CallParameters.flag(call, "oneway");
                answer(call, oneway);
            } catch (VarlinkService.Fault fault) {
                sendError(fault.getMessage(), fault.parameters(), oneway);
            } catch (BlktrackException failure) {
                sendError(VarlinkClient.FAILED, failed(failure), oneway);
            } catch (RuntimeException defect) {
                defect.printStackTrace();
                sendError(VarlinkClient.FAILED, failed(new BlktrackException(ExitStatus.FAILED, "DEFECT",
                        "blktrackd met a defect of its own: " + defect, "Please report it, with the daemon's messages.")), oneway);
            }
        }
    }

    private void answer(JsonObject call, boolean oneway) throws IOException {
        if (!trusted) {
            throw new VarlinkService.Fault(SERVICE + ".PermissionDenied", new JsonObject());
        }
        CallParameters.requireKnown(call, MEMBERS);
        String name = CallParameters.text(call, "method");
        if (name.lastIndexOf('.') < 1) {
            throw VarlinkService.Fault.invalidParameter("method");
        }
        JsonElement parameters = call.has("parameters") && !call.get("parameters").isJsonNull() ? call.get("parameters") : new JsonObject();
        if (!parameters.isJsonObject()) {
            throw VarlinkService.Fault.invalidParameter("parameters");
        }
        boolean more = CallParameters.flag(call, "more");
        if (CallParameters.flag(call, "upgrade")) {
            throw VarlinkService.Fault.invalidParameter("upgrade"); // no method takes the connection over
        }
        String asked = name.substring(0, name.lastIndexOf('.'));
        String verb = name.substring(name.lastIndexOf('.') + 1);
        VarlinkService.Replies replies = (reply, continues) -> sendReply(reply, continues, oneway);
        if (asked.equals(SERVICE)) {
            describe(verb, parameters.getAsJsonObject(), replies);
        } else if (asked.equals(service.name())) {
            service.call(verb, parameters.getAsJsonObject(), more, replies);
        } else {
            throw unknown("InterfaceNotFound", "interface", asked);
        }
    }

    private void describe(String verb, JsonObject parameters, VarlinkService.Replies replies) throws IOException {
        JsonObject reply = new JsonObject();
        switch (verb) {
            case "GetInfo" -> {
                CallParameters.requireKnown(parameters, Set.of());
                reply.addProperty("vendor", "blktrack");
                reply.addProperty("product", "blktrackd");
                reply.addProperty("version", TrackerService.VERSION);
                reply.addProperty("url", "");
                JsonArray interfaces = new JsonArray();
                interfaces.add(SERVICE);
                interfaces.add(service.name());
                reply.add("interfaces", interfaces);
            }
            case "GetInterfaceDescription" -> {
                CallParameters.requireKnown(parameters, Set.of("interface"));
                reply.addProperty("description", description(CallParameters.text(parameters, "interface")));
            }
            default -> throw unknown("MethodNotFound", "method", SERVICE + "." + verb);
        }
        replies.send(reply, false);
    }

    private String description(String name) {
        if (name.equals(service.name())) {
            return service.description();
        }
        if (name.equals(SERVICE)) {
            return InterfaceText.read(SERVICE);
        }
        throw unknown("InterfaceNotFound", "interface", name);
    }

    static VarlinkService.Fault unknown(String error, String key, String value) {
        JsonObject parameters = new JsonObject();
        parameters.addProperty(key, value);
        return new VarlinkService.Fault(SERVICE + "." + error, parameters);
    }

    /** @return a whole reply */
    static JsonObject failure(BlktrackException failure) {
        return error(VarlinkClient.FAILED, failed(failure));
    }

    private static JsonObject error(String name, JsonObject parameters) {
        JsonObject reply = new JsonObject();
        reply.addProperty("error", name);
        reply.add("parameters", parameters);
        return reply;
    }

    private static JsonObject failed(BlktrackException failure) {
        JsonObject parameters = new JsonObject();
        parameters.addProperty("status", (failure.status() == null ? ExitStatus.FAILED : failure.status()).code());
        parameters.addProperty("name", failure.reason());
        parameters.addProperty("message", failure.getMessage());
        parameters.addProperty("remedy", failure.remedy());
        return parameters;
    }

    private void sendReply(JsonObject parameters, boolean continues, boolean oneway) throws IOException {
        if (!oneway) {
            JsonObject reply = new JsonObject();
            reply.add("parameters", parameters);
            if (continues) {
                reply.addProperty("continues", true);
            }
            stream.send(reply);
        }
    }

    private void sendError(String error, JsonObject parameters, boolean oneway) throws IOException {
        if (!oneway) {
            stream.send(error(error, parameters));
        }
    }
}
