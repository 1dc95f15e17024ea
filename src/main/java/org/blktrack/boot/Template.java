package org.blktrack.boot;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;

/**
 * Renders what lies in {@code init-templates/}. A line {@code #@include NAME} stands for another template, taken in once a
 * file, so that every init system's hook holds the same text.
 */
final class Template {
    private static final String INCLUDE = "#@include ";

    private Template() {}

    static String render(String name) {
        return render(name, new HashSet<>());
    }

    private static String render(String name, Set<String> taken) {
        StringBuilder text = new StringBuilder();
        for (String line : source(name).split("\n", -1)) {
            if (!line.startsWith(INCLUDE)) {
                text.append(line).append('\n');
            } else if (taken.add(line)) {
                text.append(render(line.substring(INCLUDE.length()), taken));
            }
        }
        text.setLength(text.length() - 1);
        return text.toString();
    }

    private static String source(String name) {
        try (InputStream in = Template.class.getResourceAsStream("templates/" + name)) {
            if (in == null) {
                throw new IllegalArgumentException("no template " + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
