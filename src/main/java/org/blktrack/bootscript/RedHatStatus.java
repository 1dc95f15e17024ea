package org.blktrack.bootscript;

import java.util.List;

/**
 * Both hooks, and the package they live in.
 *
 * @param scripts rc.sysinit first, then halt
 * @param version the installed initscripts version
 */
public record RedHatStatus(List<ScriptStatus> scripts, InitscriptsVersion version) {

    public boolean good() {
        return scripts.stream().allMatch(script -> script.state().good());
    }
}
