package org.blktrack.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ExitStatus;
import org.junit.jupiter.api.Test;

class AgentCodecTest {
    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void writesWhatTheProtocolSays() {
        AgentRequest request = AgentRequest.of("distrust", "slot", 3, "evidence", "100 %\nof\r%0A");
        assertEquals("distrust\nslot=3\nevidence=100 %25%0Aof%0D%250A\n", new String(AgentCodec.encode(request), StandardCharsets.UTF_8));
        assertEquals(request, AgentCodec.decodeRequest(AgentCodec.encode(request)));
    }

    @Test
    void readsRecordsWithOrWithoutALastLineFeed() {
        List<AgentRecord> expected = List.of(new AgentRecord(Map.of("a", "1", "b", "x=y")), new AgentRecord(Map.of("a", "")));
        assertEquals(expected, AgentCodec.decodeReply(bytes("ok\na=1\nb=x=y\n\na=\n")));
        assertEquals(expected, AgentCodec.decodeReply(bytes("ok\na=1\nb=x=y\n\na=\n\n")));
        assertEquals(expected, AgentCodec.decodeReply(bytes("ok\na=1\nb=x=y\n\na=")));
        assertEquals(List.of(), AgentCodec.decodeReply(bytes("ok\n")));
        assertEquals(List.of(), AgentCodec.decodeReply(bytes("ok")));
    }

    @Test
    void anErrorKeepsItsStatusAndItsRemedy() {
        BlktrackException error = assertThrows(BlktrackException.class, () -> AgentCodec.decodeReply(
                bytes("error\nstatus=12\nname=NO_BTF\nmessage=the kernel has no BTF\nremedy=boot another\n")));
        assertEquals(ExitStatus.KERNEL_UNSUPPORTED, error.status());
        assertEquals("NO_BTF", error.reason());
        assertEquals("boot another", error.remedy());
        assertEquals("AGENT_PROTOCOL", assertThrows(BlktrackException.class, () -> AgentCodec.decodeReply(bytes("what\n"))).reason());
    }

    @Test
    void aMissingKeyIsSaidSo() {
        AgentRecord record = new AgentRecord(Map.of("a", "x"));
        assertEquals("AGENT_PROTOCOL", assertThrows(BlktrackException.class, () -> record.text("b")).reason());
        assertEquals("AGENT_PROTOCOL", assertThrows(BlktrackException.class, () -> record.number("a")).reason());
    }
}
