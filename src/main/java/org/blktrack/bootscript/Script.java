package org.blktrack.bootscript;

import java.util.List;

/** The two Red-Hat-style scripts that carry a hook. */
public enum Script {
    RC_SYSINIT("rc.sysinit", Hook.START, List.of("etc/rc.d/rc.sysinit", "etc/rc.sysinit")),
    HALT("halt", Hook.STOP, List.of("etc/rc.d/init.d/halt", "etc/init.d/halt"));

    private final String fileName;
    private final Hook hook;
    private final List<String> places;

    Script(String fileName, Hook hook, List<String> places) {
        this.fileName = fileName;
        this.hook = hook;
        this.places = places;
    }

    /** The name in catalogue rows and receipts, such as {@code rc.sysinit}. */
    public String fileName() {
        return fileName;
    }

    public Hook hook() {
        return hook;
    }

    /** Where the script may lie, relative to the root, the usual place first; any of them may be a link. */
    public List<String> places() {
        return places;
    }

    /**
     * @param fileName as in a catalogue row
     * @throws IllegalArgumentException if no script has that name
     */
    public static Script named(String fileName) {
        for (Script script : values()) {
            if (script.fileName.equals(fileName)) {
                return script;
            }
        }
        throw new IllegalArgumentException("no boot script is called " + fileName);
    }
}
