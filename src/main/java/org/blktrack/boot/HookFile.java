package org.blktrack.boot;

import org.blktrack.bootscript.Hook;

/**
 * A file that belongs to a hook and is wholly ours.
 *
 * @param hook the hook it serves
 * @param path where the system sees it
 * @param program whether it is executable (mode 755, else 644)
 * @param content its text, ASCII
 */
public record HookFile(Hook hook, String path, boolean program, String content) {
    public int mode() {
        return program ? 0755 : 0644;
    }
}
