package org.blktrack.linux;

/**
 * What lstat(2) says of a file.
 *
 * @param mode permission bits with set-id and sticky bits (07777)
 * @param links number of hard links
 * @param regular whether it is a regular file
 */
public record FileStatus(long device, long inode, int mode, int owner, int group, int links, boolean regular) {}
