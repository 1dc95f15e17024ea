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
        String reason = Field.text(volume, "persistentReason", "?");
        return switch (reason) {
            case PersistentReason.IMAGES_BEHIND ->
                reason + ", the boot images hold an older early.conf: 'blktrack boot reapply', as root, builds them anew";
            case PersistentReason.HOOKS_MISSING ->
                reason + ", the boot hooks are not in place, or not all of them: 'blktrack boot install', as root, puts them there";
            default -> Reason.meaningOf(reason);
        };
    }
}
