package org.blktrack.cli;

import com.google.gson.JsonObject;
import org.blktrack.model.PersistentReason;
import org.blktrack.model.Reason;

/** Whether a volume's record outlives a reboot, as the daemon tells it. */
final class Persistence {
    private Persistence() {}

    static boolean isGiven(JsonObject volume) {
        return Field.flag(volume, "persistent");
    }

    static boolean failsForImages(JsonObject volume) {
        return PersistentReason.IMAGES_BEHIND.equals(Field.text(volume, "persistentReason", ""));
    }

    /** Why it does not; where a person can mend it, how. */
    static String fault(JsonObject volume) {
        return failsForImages(volume)
                ? PersistentReason.IMAGES_BEHIND + ", the boot images hold an older early.conf: 'blktrack boot reapply', as root, builds them anew"
                : Reason.meaningOf(Field.text(volume, "persistentReason", "?"));
    }
}
