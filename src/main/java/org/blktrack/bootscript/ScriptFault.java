package org.blktrack.bootscript;

/** A script can't be read or patched, for a named reason. Stays inside this package; the facade makes plans of it. */
final class ScriptFault extends Exception {
    private static final long serialVersionUID = 1;

    private final Reason reason;

    ScriptFault(Reason reason, String detail) {
        super(detail);
        this.reason = reason;
    }

    Reason reason() {
        return reason;
    }
}
