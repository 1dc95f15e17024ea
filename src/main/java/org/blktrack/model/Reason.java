package org.blktrack.model;

/** Why a record can't be trusted. The names stand in JSON and never change. */
public enum Reason {
    UNCLEAN_SHUTDOWN("the machine went down before the record was saved"),
    FOREIGN_WRITE("something else wrote to the volume while tracking was off"),
    VETOED("the veto file kept tracking from starting"),
    TABLE_MISSING("the tracking table is missing"),
    TABLE_CORRUPT("the saved record is damaged"),
    TABLE_REPLACED("the saved record is not the one that belongs to this volume's tracking"),
    AMBIGUOUS_IDENTITY("two volumes carry the same identity"),
    VOLUME_RESIZED("the volume's size changed"),
    STILL_WRITABLE("something could still write to the volume when its record was saved"),
    VOLUME_MISSING("the volume was not there"),
    OFFLINE_WRITES_UNDETECTABLE("writes from outside leave no trace on such a volume, and it was offline"),
    AUDIT_MISMATCH("the kernel counted writes that the tracker did not see"),
    PROGRAM_SKIPPED("the kernel skipped a tracking program"),
    PASSTHROUGH_COMMAND("a raw device command may have changed the media"),
    MAPPING_CHANGED("what lies beneath the volume was changed without any I/O"),
    MAPPING_UNREADABLE("what lies beneath the volume can't be read"),
    BCACHE_ABOVE("bcache lies on the volume, and may pass writes down unseen"),
    DEVICE_REPLACED("another device took the volume's place"),
    WRITE_BEFORE_ATTACH("the volume was written before tracking began"),
    ZONE_COMMAND("a zone command changed the volume"),
    NOT_TRACKED_SINCE("the volume was not tracked the whole time since"),
    UNKNOWN_CHANGE_ID("the change id is not known for this volume"),
    CHECKPOINT_CORRUPT("a checkpoint file is damaged or missing"),
    CHECKPOINT_NOT_STORED("the newest checkpoint could not be stored yet"),
    EPOCH_UNREADABLE("what the kernel marked could not be read"),
    START_FAILED("tracking failed to start"),
    HIBERNATION("the machine hibernated"),
    SERIES_ENDED("a new series was begun, and not finished");

    private final String meaning;

    Reason(String meaning) {
        this.meaning = meaning;
    }

    public String meaning() {
        return meaning;
    }

    /** What a reason's name means; a name from a newer helper stands for itself. */
    public static String meaningOf(String name) {
        for (Reason reason : values()) {
            if (reason.name().equals(name)) {
                return reason.meaning;
            }
        }
        return name;
    }
}
