package org.blktrack.bootscript;

/** Says in words and, where it can be told, in numbers where the lines go that someone adds by hand. */
final class HandGuide {
    private static final String START = "after the last device-mapper set-up (init_crypto 0, LVM, multipath, dmraid, mdadm),"
            + " before the block that asks for /fastboot, and before the first fsck or mount that writes";
    private static final String STOP = "after the loop that remounts every file system read-only,"
            + " before mdadm --wait-clean, kexec, a UPS power-off and the final command";

    private HandGuide() {}

    static ScriptLines of(Tree tree, Script script) {
        String path = "/" + script.places().get(0);
        int line = 0;
        try {
            ScriptFile file = ScriptFile.read(tree, script);
            path = file.inside();
            ScriptText text = file.text();
            boolean there = HookBlock.find(text, script.hook(), new StateDirectory(tree).receipt(script)).isPresent();
            line = there ? 0 : Place.in(script, ShellScript.parse(text)).find();
        } catch (ScriptFault fault) {
            // The words must do.
        }
        return new ScriptLines(script, path, line, script == Script.HALT ? STOP : START, HookLines.of(script.hook()));
    }
}
