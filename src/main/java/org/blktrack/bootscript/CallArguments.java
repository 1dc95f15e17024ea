package org.blktrack.bootscript;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Puts the words of a call in the place of {@code $1}, {@code $@} and their like in a function's commands: it may run them. */
final class CallArguments {
    private static final Pattern ONE = Pattern.compile("\\$\\{?([1-9])}?");
    private static final Pattern ALL = Pattern.compile("\\$[@*]|\\$\\{[@*]}");
    private static final Pattern FROM = Pattern.compile("\\$\\{[@*]:([1-9])}");

    private List<String> left;

    private CallArguments(List<String> arguments) {
        this.left = arguments;
    }

    static List<Command> into(List<Command> body, List<String> arguments) {
        CallArguments call = new CallArguments(arguments);
        return body.stream().map(call::into).toList();
    }

    private Command into(Command command) {
        List<String> words = command.words();
        if (command.always() && !words.isEmpty() && words.get(0).equals("shift")) {
            left = from(words.size() > 1 && words.get(1).matches("[0-9]") ? Integer.parseInt(words.get(1)) : 1);
        }
        return words.stream().noneMatch(word -> word.startsWith("$")) ? command : command.withWords(into(words));
    }

    private List<String> into(List<String> words) {
        // A text that is run takes them as one word.
        boolean joined = words.stream().map(Unwrapping::plainName).anyMatch(InnerText::isRunBy);
        List<String> all = new ArrayList<>();
        for (String word : words) {
            List<String> meant = meant(word);
            all.addAll(joined && meant.size() > 1 ? List.of(String.join(" ", meant)) : meant);
        }
        return all;
    }

    private List<String> meant(String word) {
        Matcher one = ONE.matcher(word);
        Matcher from = FROM.matcher(word);
        if (one.matches()) {
            List<String> rest = from(Integer.parseInt(one.group(1)) - 1);
            return rest.isEmpty() ? rest : rest.subList(0, 1);
        }
        if (from.matches()) {
            return from(Integer.parseInt(from.group(1)) - 1);
        }
        return ALL.matcher(word).matches() ? left : List.of(word);
    }

    private List<String> from(int index) {
        return left.subList(Math.min(index, left.size()), left.size());
    }
}
