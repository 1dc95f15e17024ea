package org.blktrack.model.persistence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.blktrack.model.persistence.Protocol.Mutation;
import org.blktrack.model.persistence.Protocol.State;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every interleaving and every crash point of three boots. */
class ProtocolTest {
    private static final int MAX_STATES = 5_000_000;

    /** @param path from the first state to one in which a complete record lacks a write; null where there is none */
    private record Search(int states, int completeAfterBoot, List<State> path) {}

    private static Search search(Protocol protocol) {
        Map<State, State> cameFrom = new HashMap<>();
        Deque<State> open = new ArrayDeque<>();
        int complete = 0;
        cameFrom.put(Protocol.first(), Protocol.first());
        open.add(Protocol.first());
        while (!open.isEmpty()) {
            State state = open.poll();
            if (state.lost()) {
                return new Search(cameFrom.size(), complete, path(cameFrom, state));
            }
            if (state.boot() == Protocol.BOOTS && state.trust() == Protocol.Trust.COMPLETE && state.truth() != 0) {
                complete++;
            }
            for (State next : protocol.next(state)) {
                if (cameFrom.putIfAbsent(next, state) == null) {
                    open.add(next);
                }
            }
            assertTrue(cameFrom.size() < MAX_STATES, "the model has grown too large");
        }
        return new Search(cameFrom.size(), complete, null);
    }

    private static List<State> path(Map<State, State> cameFrom, State end) {
        List<State> path = new ArrayList<>();
        for (State at = end; !path.contains(at); at = cameFrom.get(at)) {
            path.add(at);
        }
        Collections.reverse(path);
        return path;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aCompleteRecordHasEveryWrite(boolean fingerprints) {
        Search search = search(new Protocol(Mutation.NONE, fingerprints));
        assertEquals(null, search.path(), () -> text(search.path()));
        assertTrue(search.completeAfterBoot() > 0, "and records do survive reboots");
        System.out.println("protocol, fingerprints " + fingerprints + ": " + search.states() + " states");
    }

    static Iterable<Mutation> mutations() {
        return Protocol.mutations();
    }

    /** The proof that the test above can fail: each weakening is found in one of the two worlds. */
    @ParameterizedTest
    @MethodSource("mutations")
    void aWeakerProtocolIsFoundOut(Mutation mutation) {
        Search with = search(new Protocol(mutation, true));
        Search without = with.path() == null ? search(new Protocol(mutation, false)) : with;
        assertNotNull(without.path(), mutation + " was not found out");
        System.out.println(mutation + ": found after " + without.states() + " states, " + without.path().size() + " steps");
    }

    private static String text(List<State> path) {
        StringBuilder text = new StringBuilder();
        path.forEach(state -> text.append('\n').append(state));
        return text.toString();
    }
}
