package org.blktrack.boot;

import java.util.List;

/**
 * What a boot command found or did.
 *
 * @param init the init system
 * @param places all that run hooks, by name
 * @param installed whether an installation's receipt is there
 * @param notes sentences about the system, and about what its hooks can't reach
 * @param changes what was done, or would be: one line each, or unified diffs
 * @param hooks how each hook stands afterwards
 */
public record BootReport(String init, List<String> places, boolean installed, List<String> notes, List<String> changes, List<HookState> hooks) {
    /** Whether every hook works. */
    public boolean good() {
        return !hooks.isEmpty() && hooks.stream().allMatch(HookState::works);
    }
}
