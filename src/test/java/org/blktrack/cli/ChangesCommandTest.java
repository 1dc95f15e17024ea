package org.blktrack.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.blktrack.model.BlktrackException;
import org.blktrack.wire.FakeDaemon;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** An answer goes to all the places that it was asked for, or to none. */
class ChangesCommandTest {
    private static final String SINCE = "0".repeat(32);
    private static final String HEAD = "\"device\":\"/dev/null\",\"sizeBytes\":1048576,\"granularityBytes\":65536,\"complete\":true,\"since\":\"" + SINCE + "\"";
    private static final String ANSWER = "{\"parameters\":{" + HEAD + ",\"extents\":[{\"offsetBytes\":0,\"lengthBytes\":65536,\"kind\":\"data\"}]},"
            + "\"continues\":true}\0{\"parameters\":{" + HEAD + ",\"extents\":[]}}\0";

    @TempDir
    Path folder;

    private String failure;
    private String mistake;

    /** @return what was printed */
    private String changes(String answer, int status, String... options) throws IOException {
        List<String> all = new ArrayList<>(List.of("--since", SINCE));
        all.addAll(List.of(options));
        return changes(answer, status, all);
    }

    private String changes(String answer, int status, List<String> options) throws IOException {
        List<String> words = new ArrayList<>(List.of("changes", "/dev/null"));
        words.addAll(options);
        return run(answer, status, words);
    }

    private String run(String answer, int status, List<String> command) throws IOException {
        Path socket = folder.resolve("socket");
        List<String> words = new ArrayList<>(List.of("--socket", socket.toString()));
        words.addAll(command);
        String[] arguments = words.toArray(String[]::new);
        StringWriter out = new StringWriter();
        CommandLine line = BlktrackCommand.commandLine(arguments).setOut(new PrintWriter(out)).setErr(new PrintWriter(new StringWriter()))
                .setParameterExceptionHandler((e, all) -> {
                    mistake = e.getMessage();
                    return 2;
                })
                .setExecutionExceptionHandler((e, all, parsed) -> {
                    failure = e instanceof BlktrackException told ? told.reason() : e.toString();
                    return 1;
                });
        try (FakeDaemon daemon = new FakeDaemon(socket, answer)) {
            assertEquals(status, line.execute(arguments), failure);
        } finally {
            Files.delete(socket);
        }
        return out.toString();
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.sorted().toList();
        }
    }

    @Test
    void nothingIsPrintedWhereAFileCannotBeMade() throws IOException {
        String nowhere = folder.resolve("nowhere/map.svg").toString();
        for (List<String> form : List.of(List.of("--json"), List.<String>of(), List.of("--raw", folder.resolve("raw").toString()))) {
            List<String> options = new ArrayList<>(form);
            options.addAll(List.of("--map", nowhere));
            assertEquals("", changes(ANSWER, 1, options.toArray(String[]::new)));
            assertEquals("OUTPUT_NOT_WRITTEN", failure);
            assertEquals(List.of(), files());
        }
        assertEquals("", changes(ANSWER, 1, "--raw", nowhere, "--map", folder.resolve("map.svg").toString()));
        assertEquals(List.of(), files());
    }

    @Test
    void aFullFileLeavesNoWholeJson() throws IOException {
        assertFalse(changes(ANSWER, 1, "--json", "--map", "/dev/full").contains("]"));
        assertEquals("OUTPUT_NOT_WRITTEN", failure);
    }

    @Test
    void allOfThemAreWritten() throws IOException {
        Path map = folder.resolve("map.svg");
        assertTrue(changes(ANSWER, 0, "--json", "--map", map.toString()).endsWith("]\n}\n"));
        assertTrue(Files.readString(map).endsWith("</svg>\n"));
    }

    @Test
    void oneFileCannotBeBoth() throws IOException {
        String same = folder.resolve("same").toString();
        assertEquals("", changes(ANSWER, 2, "--raw", same, "--map", same));
        assertEquals(List.of(), files());
    }

    @Test
    void oneFileCannotBeBothUnderTwoNames() throws IOException {
        assertEquals("", changes(ANSWER, 2, "--raw", folder + "/./same", "--map", folder + "/same"));
        assertEquals(List.of(), files());
    }

    /** A variable of a script that was never set is no reason for a full backup, which status 3 would ask for. */
    @Test
    void whatIsNoChangeIdIsAMistake() throws IOException {
        for (String bad : List.of("", "00", SINCE.substring(1) + "A", SINCE + "0", "' '")) {
            for (String option : List.of("--since", "--until")) {
                assertEquals("", changes(ANSWER, 2, option.equals("--since") ? List.of("--since", bad) : List.of("--since", SINCE, option, bad)));
                assertTrue(mistake.contains(option) && mistake.contains("32 lower-case hex digits") && mistake.contains("blktrack checkpoint list DEVICE"), mistake);
            }
            mistake = null;
            assertEquals("", run(ANSWER, 2, List.of("checkpoint", "delete", "/dev/null", bad)));
            assertTrue(mistake.contains("32 lower-case hex digits"), mistake);
        }
    }

    @Test
    void anEmptyFileNameIsAMistake() throws IOException {
        assertEquals("", changes(ANSWER, 2, "--raw", ""));
        assertEquals("", changes(ANSWER, 2, "--map", ""));
    }

    /** The daemon hangs up behind the first part. */
    @Test
    void aSmallAnswerIsPrintedWholeOrNotAtAll() throws IOException {
        assertEquals("", changes(ANSWER.substring(0, ANSWER.indexOf('\0') + 1), 1, "--json"));
        assertEquals("DAEMON_GONE", failure);
    }

    /** What says that it is complete and has no list is no answer. */
    @Test
    void aReplyWithoutExtentsIsNoEmptyAnswer() throws IOException {
        for (String extents : List.of("null", "7", "[7]", "[{}]")) {
            assertFalse(changes("{\"parameters\":{" + HEAD + ",\"extents\":" + extents + "}}\0", 1, "--json").contains("]\n}"));
            assertEquals("BAD_REPLY", failure);
        }
    }
}
