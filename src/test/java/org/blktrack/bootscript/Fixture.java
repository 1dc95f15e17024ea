package org.blktrack.bootscript;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * One made-up boot script from fixtures.tsv.
 *
 * @param expected HOOK, or a reason's name
 * @param line 1-based line the hook belongs before, 0 where it is refused
 */
record Fixture(String name, Script script, String expected, int line, byte[] bytes) {
    private static final String HOOK = "HOOK";

    static List<Fixture> all() {
        return resource("fixtures.tsv").lines().filter(line -> !line.startsWith("#")).map(Fixture::of).toList();
    }

    static Stream<Fixture> patched() {
        return all().stream().filter(Fixture::takesHook);
    }

    static Stream<Fixture> refused() {
        return all().stream().filter(fixture -> !fixture.takesHook());
    }

    static Fixture named(String name) {
        return all().stream().filter(fixture -> fixture.name.equals(name)).findFirst().orElseThrow();
    }

    boolean takesHook() {
        return expected.equals(HOOK);
    }

    private static Fixture of(String row) {
        String[] fields = row.split("\t");
        Script script = Script.named(fields[1]);
        List<String> lines = new ArrayList<>();
        int line = 0;
        for (String piece : fields[4].split(" ")) {
            if (piece.equals(HOOK)) {
                line = lines.size() + 1;
            } else {
                resource(fields[1] + "/" + piece + ".sh").lines().forEach(lines::add);
            }
        }
        int length = lines.size();
        byte[] bytes = alter(fields[3], lines, script.hook());
        line += line > 0 ? lines.size() - length : 0;
        return new Fixture(fields[0], script, fields[2], line, bytes);
    }

    private static byte[] alter(String how, List<String> lines, Hook hook) {
        List<String> block = HookLines.of(hook);
        switch (how) {
            case "hook-half" -> lines.addAll(lines.size() / 2, block.subList(0, 1));
            case "hook-end-only" -> lines.add(block.get(block.size() - 1));
            case "hook-twice" -> {
                lines.addAll(1, block);
                lines.addAll(block);
            }
            case "hook-edited" -> {
                lines.addAll(1, block);
                lines.add(2, "echo 'added between the markers'");
            }
            case "hook-first" -> lines.addAll(1, block);
            case "hook-at-the-end" -> lines.addAll(block);
            case "perl" -> lines.set(0, "#!/usr/bin/perl -w");
            case "latin1" -> lines.add(1, "# caf\u00e9 \u00ff");
            case "utf8" -> lines.add(1, new String("# \u65e5\u672c\u8a9e".getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1));
            case "tabs" -> lines.replaceAll(line -> line.replaceFirst("^ +", "\t"));
            case "trailing-blanks" -> lines.replaceAll(line -> line.endsWith("\\") ? line : line + "  ");
            case "nul" -> lines.add(1, "# \0");
            default -> {}
        }
        String end = how.equals("crlf") ? "\r\n" : "\n";
        String text = String.join(end, lines) + (how.equals("no-final-newline") ? "" : end);
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String resource(String name) {
        try (InputStream stream = Fixture.class.getResourceAsStream("/bootscript/" + name)) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
