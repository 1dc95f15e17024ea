package org.blktrack.daemon;

import com.google.gson.JsonObject;
import java.io.IOException;

/** One varlink interface: what it is, and what it does. */
interface VarlinkService {
    /** Takes the parameters of a reply. */
    interface Replies {
        /** @param continues whether more follow; only where the caller asked for more */
        void send(JsonObject parameters, boolean continues) throws IOException;
    }

    /** A varlink error that the service itself defines, or one of org.varlink.service. */
    final class Fault extends RuntimeException {
        private static final long serialVersionUID = 1;
        private final transient JsonObject parameters;

        Fault(String error, JsonObject parameters) {
            super(error);
            this.parameters = parameters;
        }

        JsonObject parameters() {
            return parameters;
        }

        static Fault invalidParameter(String name) {
            JsonObject parameters = new JsonObject();
            parameters.addProperty("parameter", name);
            return new Fault("org.varlink.service.InvalidParameter", parameters);
        }
    }

    /** Its name, {@code org.blktrack.Tracker}. */
    String name();

    /** Its description in varlink's interface definition language. */
    String description();

    /** @param method without the interface's name @param more whether the caller takes several replies */
    void call(String method, JsonObject parameters, boolean more, Replies replies) throws IOException;
}
