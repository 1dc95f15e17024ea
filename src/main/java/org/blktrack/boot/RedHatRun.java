package org.blktrack.boot;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.blktrack.bootscript.Script;
import org.blktrack.bootscript.Tree;

/**
 * Whether init runs the very files that carry the lines. Another script in the place of one, or one that can't be run, leaves a
 * hook without effect, however well it stands. Where the tree has no inittab or no rc0.d there is nothing to go by.
 */
final class RedHatRun {
    private static final Pattern SYSINIT = Pattern.compile("/[^\\s;\"']*rc\\.sysinit[^\\s;\"']*");

    private record Fault(Script script, String reason, String sentence, String remedy) {}

    private RedHatRun() {}

    /** @throws Refusal OTHER_SCRIPT, NOT_RUN or NOT_EXECUTABLE */
    static void require(Tree tree) {
        all(tree).stream().findFirst().ifPresent(fault -> {
            throw new Refusal(fault.reason, "lines in " + path(tree, fault.script) + " would not be run: " + fault.sentence, fault.remedy);
        });
    }

    /** A sentence for each script that is not run. */
    static Map<Script, String> faults(Tree tree) {
        Map<Script, String> faults = new EnumMap<>(Script.class);
        all(tree).forEach(fault -> faults.putIfAbsent(fault.script, fault.sentence));
        return faults;
    }

    private static List<Fault> all(Tree tree) {
        List<Fault> faults = new ArrayList<>();
        sysinitCommands(tree).forEach(command -> requireSame(tree, Script.RC_SYSINIT, command, faults));
        for (String level : List.of("0", "6")) {
            requireHalt(tree, tree.firstOf("/etc/rc.d/rc" + level + ".d", "/etc/rc" + level + ".d"), faults);
        }
        for (Script script : Script.values()) {
            String path = path(tree, script);
            if (tree.isFile(path) && !tree.isProgram(path)) {
                faults.add(new Fault(script, "NOT_EXECUTABLE", path + " is not executable", "'chmod 755 " + path + "', then try again."));
            }
        }
        return faults;
    }

    /** What /etc/inittab or Upstart's job starts by a name with rc.sysinit in it. */
    private static List<String> sysinitCommands(Tree tree) {
        Stream<String> inittab = InitRecognition.commands(tree, "/etc/inittab").lines()
                .map(line -> line.split(":", 4))
                .filter(fields -> fields.length == 4 && fields[2].strip().equals("sysinit"))
                .map(fields -> fields[3]);
        return Stream.concat(inittab, InitRecognition.UPSTART_JOBS.stream().map(job -> InitRecognition.commands(tree, job)))
                .flatMap(text -> SYSINIT.matcher(text).results().map(result -> result.group()))
                .toList();
    }

    private static void requireHalt(Tree tree, String directory, List<Fault> faults) {
        if (!tree.isDirectory(directory)) {
            return;
        }
        List<String> links = tree.names(directory).stream().filter(name -> name.matches("S[0-9]+(halt|reboot)")).toList();
        if (links.isEmpty()) {
            faults.add(new Fault(Script.HALT, "NOT_RUN", "no S??halt or S??reboot stands in " + directory, "Put the link back, then try again."));
        }
        links.forEach(link -> requireSame(tree, Script.HALT, directory + "/" + link, faults));
    }

    private static void requireSame(Tree tree, Script script, String run, List<Fault> faults) {
        Path here = tree.resolve(path(tree, script));
        if (!tree.resolve(run).equals(here)) {
            faults.add(new Fault(
                    script,
                    "OTHER_SCRIPT",
                    "init runs " + run + ", which is another file",
                    "Add the lines that 'blktrack boot lines' shows to that file by hand."));
        }
    }

    private static String path(Tree tree, Script script) {
        return tree.firstOf(script.places().stream().map(place -> "/" + place).toArray(String[]::new));
    }
}
