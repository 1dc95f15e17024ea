package org.blktrack.boot;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.blktrack.bootscript.Hook;
import org.blktrack.bootscript.Tree;

/** Debian's sysvinit: two stages, put in order by insserv from the scripts' headers. */
final class SysvinitPlace implements HookPlace {
    private static final String ROOT_STAGE = "blktrack-root";
    private static final String STAGE = "blktrack";
    private static final List<String> LEVELS = List.of("S", "0", "1", "2", "3", "4", "5", "6");
    private static final Pattern OUR_LINK = Pattern.compile("/etc/rc.\\.d/[SK][0-9][0-9]" + STAGE + "(-root)?");

    @Override
    public String name() {
        return InitName.SYSVINIT.toString();
    }

    @Override
    public List<HookFile> files(Tree tree) {
        return List.of(
                new HookFile(Hook.START, "/etc/init.d/" + ROOT_STAGE, true, Template.render("sysvinit/" + ROOT_STAGE)),
                new HookFile(Hook.STOP, "/etc/init.d/" + STAGE, true, Template.render("sysvinit/" + STAGE)));
    }

    @Override
    public void check(Tree tree) {
        if (!tree.isProgram("/usr/sbin/update-rc.d")) {
            throw new Refusal(
                    "NO_UPDATE_RC_D",
                    "can't put the boot scripts in order: the tree has no /usr/sbin/update-rc.d",
                    "'blktrack boot lines --init sysvinit' shows what to add by hand.");
        }
    }

    @Override
    public List<String> activate(Tree tree) {
        Set<String> before = links(tree);
        try {
            InsservOrder.keep(tree);
        } catch (IOException failure) {
            throw new BootFailure("ORDER", "can't keep the order of the boot scripts: " + failure.getMessage());
        }
        for (String script : List.of(ROOT_STAGE, STAGE)) {
            TreeCommand.Result result = TreeCommand.run(tree, "/usr/sbin/update-rc.d", script, "defaults");
            if (!result.succeeded()) {
                throw new BootFailure("ORDER", "update-rc.d can't put " + script + " in order: " + result.lastLine());
            }
        }
        return changes(before, links(tree));
    }

    /** insserv may give other scripts new numbers too. */
    private static List<String> changes(Set<String> before, Set<String> after) {
        List<String> changes = new ArrayList<>();
        before.stream().filter(link -> !after.contains(link)).forEach(link -> changes.add("delete " + link));
        after.stream().filter(link -> !before.contains(link)).forEach(link -> changes.add("link " + link));
        return changes;
    }

    private static Set<String> links(Tree tree) {
        Set<String> links = new TreeSet<>();
        for (String level : LEVELS) {
            tree.names("/etc/rc" + level + ".d").forEach(name -> links.add("/etc/rc" + level + ".d/" + name));
        }
        return links;
    }

    @Override
    public List<String> preview(Tree tree) {
        return states(tree).stream().filter(state -> !state.works()).map(state -> "link " + state.path()).toList();
    }

    @Override
    public List<String> removalPreview(Tree tree) {
        return ourLinks(tree).stream().map(link -> "delete " + link).toList();
    }

    private static List<String> ourLinks(Tree tree) {
        return links(tree).stream().filter(OUR_LINK.asMatchPredicate()).toList();
    }

    @Override
    public List<String> deactivate(Tree tree) {
        List<String> done = removalPreview(tree);
        String said = "";
        for (String script : List.of(ROOT_STAGE, STAGE)) {
            TreeCommand.Result result = TreeCommand.run(tree, "/usr/sbin/update-rc.d", script, "remove");
            said = result.succeeded() ? said : ": " + result.lastLine();
        }
        // A failure that took the links away all the same is none; the scripts they lead to are gone by now.
        List<String> left = ourLinks(tree);
        if (!left.isEmpty()) {
            throw new BootFailure("ORDER", "update-rc.d has left " + String.join(", ", left) + said);
        }
        try {
            InsservOrder.putBack(tree);
        } catch (IOException failure) {
            throw new BootFailure("ORDER", "can't put back the order of the boot scripts: " + failure.getMessage());
        }
        return done;
    }

    @Override
    public List<HookState> states(Tree tree) {
        return List.of(
                new SysvinitLink(Hook.START, "/etc/rcS.d", 'S', ROOT_STAGE, "", "checkroot").state(tree, name()),
                new SysvinitLink(Hook.START, "/etc/rcS.d", 'S', STAGE, "checkroot", "checkfs").state(tree, name()),
                new SysvinitLink(Hook.STOP, "/etc/rc0.d", 'K', STAGE, "umountroot", "halt").state(tree, name()),
                new SysvinitLink(Hook.STOP, "/etc/rc6.d", 'K', STAGE, "umountroot", "reboot").state(tree, name()));
    }
}
