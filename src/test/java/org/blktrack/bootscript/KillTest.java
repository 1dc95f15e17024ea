package org.blktrack.bootscript;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import org.blktrack.bootscript.KillCampaign.Call;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills a process that changes the scripts, right before each system call that changes a file of the tree. Whatever the moment,
 * each script is the old one or the new one, the next run finishes the work, and a removal gives everything back.
 */
class KillTest {
    private static final int SLICE = 9;

    @TempDir
    Path directory;

    @BeforeAll
    static void tools() {
        KillCampaign.requireTools();
    }

    @Test
    void killedAtSomeCalls() throws Exception {
        campaign("apply", "el6", "el6-halt", SLICE);
        campaign("remove", "el6", "el6-halt", SLICE);
    }

    @Test
    @Tag("long")
    void killedAtEveryCall() throws Exception {
        for (String[] pair : new String[][] {{"el6", "el6-halt"}, {"everything", "halt-heredoc"}, {"no-final-newline", "halt-latin1"}}) {
            campaign("apply", pair[0], pair[1], 1);
            campaign("remove", pair[0], pair[1], 1);
        }
    }

    private void campaign(String verb, String sysinit, String halt, int step) throws Exception {
        Machine rehearsal = machine("rehearsal-" + verb + sysinit, verb, sysinit, halt);
        SortedMap<String, String> start = rehearsal.everything();
        KillCampaign campaign = new KillCampaign(ChangeMain.class, rehearsal.root(), verb, directory.resolve("log-" + verb));
        List<Call> calls = campaign.calls();
        SortedMap<String, String> end = rehearsal.everything();
        assertTrue(calls.size() > 15, "calls seen: " + calls);
        int kills = 0;
        for (int i = 0; i < calls.size(); i += calls.get(i).name().equals("rename") ? 1 : step) {
            Call call = calls.get(i);
            Machine machine = machine(verb + sysinit + i, verb, sysinit, halt);
            campaign.kill(machine.root(), verb, call);
            kills++;
            assertEachOldOrNew(machine, start, end, call);
            RedHatScripts scripts = machine.scripts();
            assertTrue(verb.equals("apply") ? !scripts.apply().refused() : !scripts.remove().refused());
            assertEquals(end, machine.everything(), "finished by the next run, after a kill before " + call);
        }
        assertTrue(kills >= 3, kills + " kills");
        System.out.println(verb + " of " + sysinit + ": killed before " + kills + " of " + calls.size() + " calls");
    }

    private static void assertEachOldOrNew(
            Machine machine, SortedMap<String, String> start, SortedMap<String, String> end, Call call) {
        SortedMap<String, String> now = machine.everything();
        for (String path : start.keySet()) {
            if (path.startsWith("etc")) {
                assertTrue(now.containsKey(path), path + " is gone after a kill before " + call);
                assertTrue(List.of(start.get(path), end.get(path)).contains(now.get(path)), path + " after a kill before " + call);
            }
        }
    }

    private Machine machine(String name, String verb, String sysinit, String halt) throws IOException {
        Machine machine = new Machine(Files.createDirectory(directory.resolve(name)), Fixture.named(sysinit), Fixture.named(halt));
        if (verb.equals("remove")) {
            machine.scripts().apply();
        }
        return machine;
    }
}
