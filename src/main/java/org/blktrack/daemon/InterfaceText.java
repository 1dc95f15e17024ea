package org.blktrack.daemon;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The interface descriptions that stand beside this class as resources. */
final class InterfaceText {
    private InterfaceText() {}

    static String read(String name) {
        try (InputStream text = InterfaceText.class.getResourceAsStream(name + ".varlink")) {
            return new String(text.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
