package org.blktrack.bootscript;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What halt's read-only loop goes through must be all that is mounted. */
class MountedListTest {
    private static final String READ = "while read dev dir; do\n\tmount -n -o ro,remount $dir\ndone";

    private static StopPlace halt(String loop) throws ScriptFault {
        return new StopPlace(ShellScript.parse(ScriptText.of("#!/bin/bash\n" + loop.replace("LOOP", READ) + "\nexec $command\n")));
    }

    private static Reason refusal(String loop) throws ScriptFault {
        return assertThrows(ScriptFault.class, halt(loop)::find).reason();
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "mount | awk '{ print $1,$3 }' | LOOP", "mount -l | awk '{print $1 \" \" $3}' | sort -r | LOOP", "awk '{ print $1, $2; }' /proc/mounts | LOOP",
        "LC_ALL=C sort -r -k 2 /proc/mounts | cut -d ' ' -f 1,2 | LOOP", "cat /proc/mounts | tac | LOOP", "tac /etc/mtab | LOOP", "LOOP < /proc/mounts",
        "LOOP < <(mount | awk '{ printf \"%s %s\\n\", $1, $3 }')", "LOOP <<< \"$(awk '{ print $1,$2 }' /proc/self/mounts)\"",
        "awk '{ print $1,$2 }' < /proc/mounts | LOOP", "for dir in $(awk '{ print $2 }' /proc/mounts) /; do\n\tmount -n -o ro,remount $dir < /dev/null\ndone"
    })
    void allThatIsMounted(String loop) throws ScriptFault {
        assertEquals(2 + loop.replace("LOOP", READ).lines().count(), halt(loop).find());
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "sed -n 's/^\\([^ ]*\\) \\([^ ]*\\) ext[34] .*/\\1 \\2/p' /proc/mounts | LOOP", "perl -ane 'print \"$F[0]\" if $F[2] eq \"ext3\"' /proc/mounts | LOOP",
        "df -P -t ext3 | awk '{ print $1,$6 }' | LOOP", "awk '{ print $1,$2 }' /etc/fstab | LOOP", "LOOP < /etc/fstab", "LOOP </etc/fstab",
        "cat /etc/fstab | LOOP", "LOOP <<EOF\n/dev/sda1 /\nEOF", "LOOP <<< \"$list\"", "echo $list | LOOP", "mount | awk '{ print $1,$3; exit }' | LOOP",
        "mount | awk '{ print $1,$3 > \"/list\" }' | LOOP", "mount | awk -f list.awk | LOOP", "mount | sort -u -k 5 | LOOP", "mount | uniq -f 4 | LOOP", "LOOP",
        "for ((i = 0; i < 3 ** 2; i++)); do\n\tmount -n -o ro,remount $dir\ndone", "\"for\"; LOOP",
        "list=$(mount -t ext3 | cut -d' ' -f3)\nfor dir in $list; do\n\tmount -n -o ro,remount $dir\ndone"
    })
    void whatCannotBeTold(String loop) throws ScriptFault {
        assertEquals(Reason.AMBIGUOUS, refusal(loop));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "mount -l -t ext3 | awk '{ print $1,$3 }' | LOOP", "mount -text3 | LOOP", "mount | awk '$5 == \"ext3\" { print $1,$3 }' | LOOP", "mount | head -5 | LOOP",
        "for dir in / /boot; do\n\tmount -n -o ro,remount $dir\ndone"
    })
    void onlySome(String loop) throws ScriptFault {
        assertEquals(Reason.RO_PARTIAL, refusal(loop));
    }
}
