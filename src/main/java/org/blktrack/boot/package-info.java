/**
 * Puts the two hooks in place on a machine's init system: one that starts tracking before the first write, and one that
 * saves the record after the last. {@link org.blktrack.boot.BootIntegration} is the way in.
 */
package org.blktrack.boot;
