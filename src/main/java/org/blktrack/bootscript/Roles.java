package org.blktrack.bootscript;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Tells what the commands of a statement do, what they run in their turn included. */
final class Roles {
    /** More commands looked into than any real script has; keeps calls that branch with ever new words from taking for ever. */
    private static final int MOST_COMMANDS = 100_000;

    /** Deeper than any real script calls; keeps the stack whole on hostile input. */
    static final int MAX_DEPTH = 200;

    private final Map<String, List<Command>> functions;
    private final Variables variables;

    Roles(ShellScript script) {
        this.functions = script.functions();
        this.variables = new Variables(script);
    }

    /** The functions and variables on the way to a command, and the calls that were looked into: once is enough, and calls may branch without end. */
    private static final class Calls {
        private final Set<String> open = new HashSet<>();
        private final Set<List<String>> known = new HashSet<>();
        private int commands;
        private int depth;

        /** Whether a call's words stand in a function of which the call put others in their place. */
        private boolean isInFunction() {
            return !open.isEmpty() && open.stream().noneMatch(InnerText::isExpansion);
        }
    }

    Set<Role> of(Statement statement) {
        return of(statement.commands(), new Calls());
    }

    private Set<Role> of(List<Command> commands, Calls calls) {
        Set<Role> roles = EnumSet.noneOf(Role.class);
        for (Command command : commands) {
            Set<Role> own = ofWords(command.words(), calls);
            roles.addAll(own);
            if (command.background() && !own.isEmpty()) {
                roles.add(Role.BACKGROUND);
            }
        }
        return roles;
    }

    Set<Role> of(Command command) {
        return ofWords(command.words());
    }

    Set<Role> ofWords(List<String> words) {
        return ofWords(words, new Calls());
    }

    /** Whether a function of the script has that name. */
    boolean isFunction(String name) {
        return functions.containsKey(name);
    }

    /**
     * The commands that a command runs in its turn, as they are for this call: a function's, or those of a text.
     *
     * @param words unwrapped
     * @return null where there are none, or none that can be read
     */
    List<Command> inside(List<String> words) {
        List<Command> body = functions.get(words.get(0));
        if (body != null) {
            return CallArguments.into(body, words.subList(1, words.size()));
        }
        try {
            return InnerText.of(words).map(InnerText::commands).orElse(null);
        } catch (ShellSyntaxException e) {
            return null;
        }
    }

    private Set<Role> ofWords(List<String> all, Calls calls) {
        if (calls.depth > MAX_DEPTH) {
            return EnumSet.of(Role.UNCLEAR_WRITE, Role.UNCLEAR_SETUP);
        }
        calls.depth++;
        Set<Role> roles = ofMeant(all, calls);
        calls.depth--;
        return roles;
    }

    private Set<Role> ofMeant(List<String> all, Calls calls) {
        List<String> words = Unwrapping.unwrap(all);
        if (words.isEmpty()) {
            return Set.of();
        }
        String name = words.get(0);
        if (name.equals("init_crypto")) {
            return ofCrypto(words, calls);
        }
        Set<Role> roles = EnumSet.noneOf(Role.class);
        if (isFunction(name) && !calls.open.contains(name)) {
            roles.addAll(ofCall(words, calls));
            if (all.get(0).equals(name)) {
                return roles;
            }
            // By its path, or behind a prefix, the program is run and not the function.
        }
        roles.addAll(ofProgram(words, calls));
        return roles;
    }

    private Set<Role> ofCall(List<String> all, Calls calls) {
        // What the script itself was called with, or has set, can't be told.
        List<String> words = calls.isInFunction() ? all : all.stream().map(word -> Variables.isArgument(word) ? Variables.UNKNOWN : word).toList();
        if (calls.commands > MOST_COMMANDS) {
            return EnumSet.of(Role.UNCLEAR_WRITE, Role.UNCLEAR_SETUP);
        }
        if (!calls.known.add(words)) {
            return Set.of();
        }
        List<Command> body = inside(words);
        calls.commands += body.size();
        calls.open.add(words.get(0));
        Set<Role> roles = of(body, calls);
        calls.open.remove(words.get(0));
        if (InnerText.runsVariable(body)) {
            // It may be one of the words.
            roles.addAll(ProgramRoles.ofOneOf(words.subList(1, words.size())));
        }
        return roles;
    }

    /**
     * By definition: 0 is the pass before the checks, 1 the one after mounting for what needs /usr or a key from /. The swap and /tmp that it
     * makes anew on the devices it just opened belong to the set-up.
     */
    private Set<Role> ofCrypto(List<String> words, Calls calls) {
        if (!words.contains("0")) {
            return Set.of();
        }
        Set<Role> roles = EnumSet.of(Role.SETUP);
        if (isFunction(words.get(0)) && calls.open.add(words.get(0))) {
            List<Command> elsewhere = inside(words).stream()
                    .filter(command -> command.words().stream().noneMatch(word -> word.startsWith("/dev/mapper/"))).toList();
            roles.addAll(of(elsewhere, calls));
            calls.open.remove(words.get(0));
        }
        return roles;
    }

    private Set<Role> ofProgram(List<String> words, Calls calls) {
        String name = words.get(0);
        List<String> arguments = words.subList(1, words.size());
        Set<Role> roles = ProgramRoles.of(name, arguments);
        Optional<String> text = InnerText.of(words);
        if (text.isPresent()) {
            Set<Role> run = ofText(text.get(), calls);
            // When a trap is sprung can't be told.
            roles.addAll(name.equals("trap") ? ProgramRoles.unclear(run) : run);
        } else if (InnerText.runsInput(words)) {
            roles.addAll(EnumSet.of(Role.UNCLEAR_WRITE, Role.UNCLEAR_SETUP));
        } else if (name.equals("exec")) {
            roles.addAll(ofWords(arguments.stream().dropWhile(word -> word.startsWith("-")).toList(), calls));
        } else if (name.equals("find")) {
            roles.addAll(ofFind(arguments, calls));
        } else if (name.equals(".") || name.equals("source")) {
            roles.addAll(arguments.isEmpty() ? Set.of() : ProgramRoles.ofSourced(arguments.get(0)));
        } else if (roles.isEmpty() && InnerText.isExpansion(name)) {
            roles.addAll(ofExpansion(name, arguments, calls));
        } else if (roles.isEmpty() && !DataCommand.is(name)) {
            roles.addAll(ProgramRoles.ofOneOf(arguments));
        }
        return roles;
    }

    /**
     * Each program that the script puts where the command's name stands, and none where it is a function's own argument: that is looked into at the call. One that is
     * reached through a variable may be of another call, and one outside any function is the script's.
     */
    private Set<Role> ofExpansion(String name, List<String> arguments, Calls calls) {
        Set<Role> roles = EnumSet.noneOf(Role.class);
        if (Variables.isArgument(name) && calls.isInFunction()) {
            return roles;
        }
        for (String content : variables.contents(name)) {
            if (content.equals(Variables.UNKNOWN) || calls.open.contains(name) || ++calls.commands > MOST_COMMANDS) {
                roles.add(Role.UNCLEAR_COMMAND);
                roles.addAll(ProgramRoles.ofOneOf(arguments));
            } else {
                List<String> words = new ArrayList<>(Variables.split(content));
                words.addAll(arguments);
                calls.open.add(name);
                roles.addAll(ofWords(words, calls));
                calls.open.remove(name);
            }
        }
        return roles;
    }

    private Set<Role> ofText(String text, Calls calls) {
        try {
            List<Command> commands = InnerText.commands(text);
            Set<Role> roles = of(commands, calls);
            if (InnerText.runsPrinted(commands)) {
                // As eval does with settings in every rc.sysinit that asks for its address.
                roles.remove(Role.UNCLEAR_COMMAND);
            }
            if (InnerText.runsVariable(commands)) {
                roles.addAll(EnumSet.of(Role.UNCLEAR_WRITE, Role.UNCLEAR_SETUP));
            }
            return roles;
        } catch (ShellSyntaxException e) {
            return EnumSet.of(Role.UNCLEAR_WRITE, Role.UNCLEAR_SETUP);
        }
    }

    /** Each program behind {@code -exec} and its like, up to the semicolon or plus that ends it. */
    private Set<Role> ofFind(List<String> arguments, Calls calls) {
        Set<Role> roles = EnumSet.noneOf(Role.class);
        for (int i = 0; i < arguments.size(); i++) {
            if (arguments.get(i).matches("-(exec|ok)(dir)?")) {
                List<String> behind = arguments.subList(i + 1, arguments.size());
                roles.addAll(ofWords(behind.stream().takeWhile(word -> !word.matches("[;+]")).toList(), calls));
            }
        }
        return roles;
    }
}
