package org.blktrack.bootscript;

import java.util.ArrayList;
import java.util.List;
import org.blktrack.bootscript.Command.Guard;
import org.blktrack.bootscript.Command.Loop;

/** The commands read so far of a statement, or of a function's body, and the tests and loops that the next one will stand in. */
final class CommandList {
    private final List<Command> commands = new ArrayList<>();
    private final List<String> inputs = new ArrayList<>();
    private final List<Loop> loops = new ArrayList<>();
    private List<Command> condition = List.of();
    private Guard guard;

    /** An empty one for a text that is reached as the next command here would be. */
    CommandList inside() {
        CommandList inner = new CommandList();
        inner.guard = guard;
        inner.loops.addAll(loops);
        return inner;
    }

    Statement statement(int firstLine, int lastLine, Statement.Kind kind) {
        return new Statement(firstLine, lastLine, kind, commands(), List.copyOf(inputs), condition);
    }

    List<Command> commands() {
        return List.copyOf(commands);
    }

    List<Command> from(int first) {
        return List.copyOf(commands.subList(first, commands.size()));
    }

    int count() {
        return commands.size();
    }

    void add(List<String> words) {
        commands.add(command(words));
    }

    /** As it stands here, without counting it among the statement's. */
    Command command(List<String> words) {
        return new Command(List.copyOf(words), guard, List.copyOf(loops), false, false);
    }

    /** What a substitution runs, in a shell of its own. */
    void addSubstituted(CommandList inner) {
        int first = count();
        commands.addAll(inner.commands);
        inputs.addAll(inner.inputs);
        childrenFrom(first);
    }

    /** @param input as in {@link Statement#inputs}; into a loop it is none of the statement's */
    void addInput(String input) {
        if (loops.isEmpty()) {
            inputs.add(input);
        }
    }

    /** What was read from there on runs in a shell of its own. */
    void childrenFrom(int first) {
        commands.subList(first, commands.size()).replaceAll(Command::inChild);
    }

    void backgroundFrom(int first) {
        commands.subList(first, commands.size()).replaceAll(Command::inBackground);
    }

    void enterLoop(List<Command> head) {
        loops.add(new Loop(head));
    }

    void leaveLoop() {
        loops.remove(loops.size() - 1);
    }

    /** What is read from here on is reached only where the test comes out so. */
    void guard(List<Command> test, boolean holds) {
        guard = new Guard(test, holds, guard);
    }

    Guard guard() {
        return guard;
    }

    void guardedBy(Guard outer) {
        guard = outer;
    }

    /** The condition of an if; inner ifs end first, so the outermost one's stays. */
    void condition(List<Command> head) {
        condition = head;
    }
}
