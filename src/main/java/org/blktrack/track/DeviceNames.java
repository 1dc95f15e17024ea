package org.blktrack.track;

/** Turns what a person calls a device into its number. */
public interface DeviceNames {
    /**
     * @return {@code MAJOR:MINOR}
     * @throws org.blktrack.model.BlktrackException {@code NO_SUCH_DEVICE}, {@code NOT_A_BLOCK_DEVICE}
     */
    String number(String device);
}
