package org.blktrack.wire;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ExitStatus;

/**
 * The text inside an agent message: a first line, then groups of {@code key=value} lines with an empty line between
 * them. In values {@code %}, line feed and carriage return are {@code %25}, {@code %0A} and {@code %0D}.
 */
public final class AgentCodec {
    private static final String OK = "ok";
    private static final String ERROR = "error";

    private AgentCodec() {}

    public static byte[] encode(AgentRequest request) {
        return bytes(request.verb(), List.of(new AgentRecord(request.keys())));
    }

    public static byte[] encodeReply(List<AgentRecord> records) {
        return bytes(OK, records);
    }

    public static byte[] encodeError(AgentRecord error) {
        return bytes(ERROR, List.of(error));
    }

    public static AgentRequest decodeRequest(byte[] message) {
        String text = new String(message, StandardCharsets.UTF_8);
        List<AgentRecord> records = records(text);
        return new AgentRequest(firstLine(text), records.isEmpty() ? Map.of() : records.get(0).values());
    }

    /** @throws BlktrackException where the helper answered with an error: its status, name, message and remedy */
    public static List<AgentRecord> decodeReply(byte[] message) {
        String text = new String(message, StandardCharsets.UTF_8);
        List<AgentRecord> records = records(text);
        switch (firstLine(text)) {
            case OK:
                return records;
            case ERROR:
                throw error(records.isEmpty() ? new AgentRecord(Map.of()) : records.get(0));
            default:
                throw new BlktrackException(ExitStatus.FAILED, "AGENT_PROTOCOL",
                        "the helper's reply begins with '" + firstLine(text) + "'",
                        "Are blktrackd and blktrack-helper of one version?");
        }
    }

    private static BlktrackException error(AgentRecord error) {
        String remedy = error.textOrEmpty("remedy");
        String name = error.textOrEmpty("name");
        return new BlktrackException(ExitStatus.of((int) error.numberOr("status", ExitStatus.FAILED.code())),
                name.isEmpty() ? "HELPER_FAILED" : name, error.textOrEmpty("message"), remedy.isEmpty() ? null : remedy);
    }

    private static String firstLine(String text) {
        int end = text.indexOf('\n');
        return end < 0 ? text : text.substring(0, end);
    }

    private static List<AgentRecord> records(String text) {
        List<AgentRecord> records = new ArrayList<>();
        Map<String, String> open = new LinkedHashMap<>();
        String[] lines = text.split("\n", -1);
        for (int i = 1; i < lines.length; i++) {
            int equals = lines[i].indexOf('=');
            if (equals > 0) {
                open.put(lines[i].substring(0, equals), unescape(lines[i].substring(equals + 1)));
            } else if (!open.isEmpty()) {
                records.add(new AgentRecord(open));
                open = new LinkedHashMap<>();
            }
        }
        if (!open.isEmpty()) {
            records.add(new AgentRecord(open));
        }
        return records;
    }

    private static byte[] bytes(String firstLine, List<AgentRecord> records) {
        StringBuilder text = new StringBuilder(firstLine).append('\n');
        String between = "";
        for (AgentRecord record : records) {
            text.append(between);
            record.values().forEach((key, value) -> text.append(key).append('=').append(escape(value)).append('\n'));
            between = "\n";
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static String escape(String value) {
        return value.replace("%", "%25").replace("\n", "%0A").replace("\r", "%0D");
    }

    private static String unescape(String value) {
        return value.indexOf('%') < 0 ? value : value.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%");
    }
}
