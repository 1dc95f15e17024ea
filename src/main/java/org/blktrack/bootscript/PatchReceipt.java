package org.blktrack.bootscript;

/**
 * What was done to a script, kept so that a later update that takes the hook away is noticed. It is written before the script
 * is changed: a crash between the two leaves a promise that {@code reapply} keeps, and never a hook that nobody knows of.
 *
 * @param path inside the tree
 * @param line 1-based line of the hook
 * @param source {@link ScriptPlan.Source}'s name
 * @param initscripts version at the time, or null
 * @param backup name of the old file's copy in the same directory as the receipt
 * @param appliedAt ISO-8601, UTC
 * @param hookSha256 of the hook's lines, by which a later version with others knows them
 */
record PatchReceipt(
        String file,
        String path,
        String sha256Before,
        String sha256After,
        int line,
        String hook,
        String source,
        String initscripts,
        String backup,
        String appliedAt,
        String hookSha256) {}
