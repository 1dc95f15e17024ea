package org.blktrack.boot;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Debian's sysvinit: two stages, put in order by insserv from the scripts' headers. */
final class SysvinitPlace implements HookPlace {
    private static final String ROOT_STAGE = "blktrack-root";
    private static final String STAGE = "blktrack";

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
    public void activate(Tree tree) {
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
    }

    @Override
    public void deactivate(Tree tree) {
        for (String script : List.of(ROOT_STAGE, STAGE)) {
            TreeCommand.run(tree, "/usr/sbin/update-rc.d", script, "remove");
        }
        try {
            InsservOrder.putBack(tree);
        } catch (IOException failure) {
            throw new BootFailure("ORDER", "can't put back the order of the boot scripts: " + failure.getMessage());
        }
    }

    @Override
    public List<HookState> states(Tree tree) {
        List<HookState> states = new ArrayList<>();
        states.add(link(tree, Hook.START, "/etc/rcS.d", "S", ROOT_STAGE));
        states.add(link(tree, Hook.START, "/etc/rcS.d", "S", STAGE));
        states.add(link(tree, Hook.STOP, "/etc/rc0.d", "K", STAGE));
        states.add(link(tree, Hook.STOP, "/etc/rc6.d", "K", STAGE));
        return states;
    }

    private HookState link(Tree tree, Hook hook, String directory, String kind, String script) {
        Pattern wanted = Pattern.compile(kind + "[0-9][0-9]" + Pattern.quote(script));
        for (String name : tree.names(directory)) {
            if (wanted.matcher(name).matches()) {
                return new HookState(hook, name(), directory + "/" + name, HookState.Standing.IN_PLACE, "");
            }
        }
        String path = directory + "/" + kind + "??" + script;
        return new HookState(hook, name(), path, HookState.Standing.MISSING, "no such link");
    }
}
