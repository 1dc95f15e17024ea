package org.blktrack.bootscript;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A check, a mount or a set-up that is wrapped in something else still is one, or makes the script one that can't be judged. */
class DisguisedCommandTest {
    private static final String RUN = "run() { echo \"+ $*\" > /dev/kmsg; \"$@\" || echo failed; }\n";

    private static ShellScript sysinit(String shell, String early, String late) throws ScriptFault {
        return ShellScript.parse(ScriptText.of("#!/bin/" + shell + "\ncmdline=$(cat /proc/cmdline)\n" + early + "\n"
                + "if [ -x /sbin/lvm ]; then\n\t/sbin/lvm vgchange -a y --sysinit\nfi\n"
                + "if [ -f /fastboot ]; then\n\tfastboot=yes\nfi\n"
                + "fsck -T -A -a\nmount -n -o remount,rw /\nmount -a -t nonfs\n" + late + "\n"));
    }

    private static ShellScript halt(String late) throws ScriptFault {
        return ShellScript.parse(ScriptText.of("#!/bin/bash\n"
                + "mount | awk '{ print $1,$3 }' | while read dev dir; do\n\tmount -n -o ro,remount $dir\ndone\n" + late + "\nexec $command\n"));
    }

    private static Reason refusal(Place place) {
        return assertThrows(ScriptFault.class, place::find).reason();
    }

    /** The line that asks for /fastboot. */
    private static int foundIn(String early) {
        return 6 + early.split("\n", -1).length;
    }

    @ParameterizedTest
    @ValueSource(strings = {
        RUN + "run fsck -a /dev/sda1", RUN + "run mount -n -o remount,rw /", RUN + "if run fsck -a; then :; fi",
        "run() { local what=$1; shift; echo \"$what\"; \"$@\"; }\nrun Checking fsck -a", "run() { ${1} ${@:2}; }\nrun fsck -a",
        "run() { sh -c \"$*\"; }\nrun mount -n -o remount,rw /", "run() { eval \"$@\"; }\nrun mount -n -o remount,rw /",
        "run() { \"$@\"; }\ntwice() { run \"$@\"; run \"$@\"; }\ntwice fsck -a",
        "mount() { /bin/mount -v \"$@\"; }\nmount -n -o remount,rw /", "mount() { :; }\n/bin/mount -n -o remount,rw /",
        "sh -c 'sleep 1; mount -n -o remount,rw /'", "sh -ec 'fsck -A -p'", "su -c 'true && fsck -A' root", "eval \"test -e /x; mount -n -o remount,rw /\"",
        "mount -n -txfs /dev/sdb1 /data", "mount -ntxfs /dev/sdb1 /data", "mount -n -treiserfs /dev/sdb1 /data", "mount.ext4 /dev/sdb1 /data",
        "mount -n -t ext4 \"$keydev\" /mnt/key", "for d in $(cat /etc/early); do mount -t ext3 $d /mnt/$d; done",
        "logsave -s /dev/shm/fsck.log fsck -A -p", "daemon fsck -A", "stdbuf -oL fsck -A", "find /etc/fs -type l -exec fsck -p {} \\;",
        "echo x > /dev/sdb", "cat image >/dev/sda1", "cat image >> /dev/mapper/a", "{ cat image; } > /dev/sda1", "while read x; do echo $x; done < /x > /dev/sdb",
    })
    void aCheckOrWriteBeforeTheSetUp(String early) throws ScriptFault {
        assertEquals(Reason.DM_AFTER_FSCK, refusal(new StartPlace(sysinit("bash", early, ""))));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "mystery fsck -A", "mystery -x /sbin/mount -n -o remount,rw /", "coproc fsck -A", "$runner fsck -A", "sh -c \"$job\"", "eval \"$job\"",
        "eval \"true; $job\"", "trap 'mount -n -o remount,rw /' USR1", "run() { local job=$1; shift; $job \"$@\"; }\nrun fsck -A", "sh -c 'if'",
        "run() { [ \"$1\" = -q ] && shift; \"$@\"; }\nrun -q fsck -A"
    })
    void whatMayCheckOrWrite(String early) throws ScriptFault {
        assertEquals(Reason.AMBIGUOUS, refusal(new StartPlace(sysinit("bash", early, ""))));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        RUN + "run echo fsck", RUN + "run sysctl -p", RUN, "eval $(ipcalc -h $ip)", "eval version=`uname -r`", "eval \"$name=\\$value\"", "sh -c 'echo mount'",
        "mount -n -t tmpfs \"$x\" /mnt", "mount -n --bind /a /b", "mount -n -o bind $a $b", "mount -nfo ro /dev/sda1 /", "mount -t nfs server:/a /b",
        "echo x > /dev/null", "echo x > /dev/console", "echo x > /dev/tty$i", "echo x > /dev/kmsg", "echo x >&2 2> /dev/stderr", "> /dev/.in_sysinit",
        "mystery fscking", "find /var -exec rm {} \\;", "trap : INT", "mystery() { grep \"$1\" /x; }\nmystery fsck", "echo \"${x#'}'}\" \"${x:-\"it's\"}\""
    })
    void whatMerelyLooksLikeIt(String early) throws ScriptFault {
        assertEquals(foundIn(early), new StartPlace(sysinit("bash", early, "")).find());
    }

    /** Where the command's name is in a variable that the script sets itself, and what a here-document runs while it is read. */
    @ParameterizedTest
    @ValueSource(strings = {
        "FSCK=/sbin/fsck\n$FSCK -A -p", "FSCK='fsck -A'\n$FSCK", "fsck=\"nice -n 5 /sbin/e2fsck\"\naction \"Checking\" \"$fsck\" /dev/sda1",
        "BIN=/sbin\nFSCK=$BIN/fsck\n${FSCK} -A", "A=fsck\nB=$A\n$B -A", "export MOUNT=mount\n$MOUNT -n -o remount,rw /", "${FSCK:-/sbin/fsck} -A", "${FSCK=fsck} -A",
        "FSCK=echo\n[ -x /sbin/fsck ] && FSCK=fsck\n$FSCK -A", "FSCK=$(which fsck 2>/dev/null)\n$FSCK -A", "FSCK=`command -v fsck`\n$FSCK -A",
        "set_it() { FSCK=fsck; }\nset_it\n$FSCK -A", "for tool in xfs_repair e2fsck; do $tool /dev/sda1; done", "quiet=\n$quiet fsck -A",
        "cat <<EOF\n$(fsck -A)\nEOF", "cat > /x <<EOF\nit's `fsck -A`\nEOF", "cat <<-EOF\n\t\"${x:-$(mount -n -o remount,rw /)}\"\n\tEOF",
        "cat <<EOF\nfoo \\\nEOF\n$(fsck -A)\nEOF", "{ cat <<A; cat <<B; }\na\nA\n$(fsck -A)\nB"
    })
    void aCheckOrWriteInAVariableOrHereDocument(String early) throws ScriptFault {
        assertEquals(Reason.DM_AFTER_FSCK, refusal(new StartPlace(sysinit("bash", early, ""))));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "$FSCK -A", "\"${FSCK[@]}\"", "FSCK=$(grep fsck /etc/tools)\n$FSCK -A", "read FSCK < /etc/tool\n$FSCK -A", "FSCK=echo\nFSCK+=\" x; y\"\n$FSCK -A",
        "A=$B\nB=$A\n$A -A", "FSCK=${x%y}\n$FSCK -A", "$(tool) -A", "`cat /etc/tool` -A", "for i in $(cat /etc/tools); do $i -A; done",
        ". /etc/rc.d/local-disks", "source /etc/rc.d/rc.local", "[ -r /etc/rc.early ] && . /etc/rc.early", ". $file", "for i in /etc/rc.early.d/*; do . $i; done",
        "early() { . /etc/rc.early; }\nearly", "eval \". /etc/rc.early\"", ". /dev/stdin <<EOF\nfsck -A\nEOF", "cat <<EOF | bash\nfsck -A\nEOF", "sh <<'EOF'\nfsck -A\nEOF",
        "cat > /dev/.x <<'EOF'\nfsck -A\nEOF\n. /dev/.x"
    })
    void whatCanNotBeReadOffTheText(String early) throws ScriptFault {
        assertEquals(Reason.AMBIGUOUS, refusal(new StartPlace(sysinit("bash", early, ""))));
        assertEquals(Reason.AMBIGUOUS, refusal(new StartPlace(sysinit("bash", "", early))), "it may set up devices after the hook");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        ". /etc/init.d/functions", ". /etc/rc.d/init.d/functions", "[ -f /etc/sysconfig/network ] && . /etc/sysconfig/network", ". /etc/sysconfig/harddisk${disk[$device]}",
        ". /etc/selinux/config", ". /etc/udev/udev.conf", "if [ -f /etc/rc.serial ]; then . /etc/rc.serial; fi", "CLOCK=/sbin/hwclock\n$CLOCK --hctosys",
        "for file in /etc/sysconfig/modules/*.modules; do [ -x $file ] && $file; done", "CLOCK=x\nCLOCK=/sbin/hwclock\naction \"Clock\" $CLOCK $FLAGS",
        "cat <<'EOF'\n$(fsck -A)\nEOF", "cat <<EOF\n\\$(fsck -A) \\`fsck -A\\`\nfsck -A\nEOF", "cat <<EOF\n$((1 + 2)) ${x} $$ $# it's \"\nEOF", "cat <<\\EOF\nfoo \\\nEOF",
        "cat <<EOF\nfoo \\\\\nEOF"
    })
    void whatIsKnownToDoNeither(String early) throws ScriptFault {
        assertEquals(foundIn(early), new StartPlace(sysinit("bash", early, "")).find());
    }

    /** Where the content is set by an expansion or a text, or the words are the script's own. */
    @ParameterizedTest
    @ValueSource(strings = {
        ": ${FSCK:=/sbin/fsck}\n$FSCK -A", "[ -x \"${FSCK=/sbin/fsck}\" ] && $FSCK -A", "eval FSCK=/sbin/fsck\n$FSCK -A", "eval \"export A=1; FSCK=/sbin/fsck\"\n$FSCK -A",
        "FSCK=\n. /etc/sysconfig/fsck\n: ${FSCK:=/sbin/fsck}\n$FSCK -a /", "FSCK=echo\neval FSCK=fsck\n$FSCK -a /", "FSCK=echo\nFSCK=\n: ${A:-${FSCK:=${SBIN:-/sbin}/fsck}}\n$FSCK -a",
        "FSCK=echo\nLC_ALL=C eval FSCK=fsck\n$FSCK -A", "FSCK=echo\nX=${FSCK:=fsck}\n$FSCK -A", "${BIN:-${SBIN:-/sbin}}/fsck -A", "${FSCK:-${SBIN:-/sbin}/fsck} -A"
    })
    void aCheckInAContentThatIsSetOnTheWay(String early) throws ScriptFault {
        assertEquals(Reason.DM_AFTER_FSCK, refusal(new StartPlace(sysinit("bash", early, ""))));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "FSCK=\n. /etc/sysconfig/fsck\n$FSCK -a /", "FSCK=\n[ -r /etc/sysconfig/fsck ] && . /etc/sysconfig/fsck\n${FSCK:-} -a /", "FSCK=' '\n$FSCK -a /",
        "FSCK=echo\nwhile IFS= read FSCK; do $FSCK -a; done < /etc/tools",
        "set -- /sbin/fsck -T -a /\n\"$@\"", "set -- /sbin/fsck -T -a /\n$1 -a", "set $(cat /etc/tool)\n\"$@\"", "set `cat /etc/tool`\n${@:2}", "$1 -a /", "\"$@\"",
        RUN + "set $(cat /etc/tool)\nrun \"$@\"", "pick() { CMD=$1; }\ngo() { $CMD -A; }\npick /sbin/fsck\ngo", "pick() { CMD=\"nice $1\"; }\npick /sbin/fsck\n$CMD -A",
        "go() { ${1:-/sbin/fsck} -A; }\ngo", "$(echo $(pwd)/fsck) -A", "`echo $(pwd)/fsck` -A", "/sbin/$(echo a/fsck) -A", "${A:-x}${B:-/sbin/fsck} -A",
        "${SBIN:-/sbin/}fsck -A", "${A:-x}${B:-y} -A"
    })
    void aCheckInAContentThatCanNotBeRead(String early) throws ScriptFault {
        assertEquals(Reason.AMBIGUOUS, refusal(new StartPlace(sysinit("bash", early, ""))));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "set -m", "set -e -u", "set -o pipefail", "set `cat /proc/cmdline`", "set -- $cmdline\nfor i in \"$@\"; do echo $i; done", "set -- a b\necho $1 \"$@\"",
        ": ${CLOCK:=/sbin/hwclock}\n$CLOCK --hctosys", "eval CLOCK=/sbin/hwclock\n$CLOCK --hctosys", "CLOCK=\n: ${CLOCK:=${SBIN:-/sbin}/hwclock}\n$CLOCK --hctosys",
        "name=${x%%/*}\necho ${name:=fsck}", "show() { echo \"$1\"; }\nshow fsck"
    })
    void whatSetsWithoutRunning(String early) throws ScriptFault {
        assertEquals(foundIn(early), new StartPlace(sysinit("bash", early, "")).find());
    }

    /** In POSIX mode a single quote between double quotes is a plain character, in the word of an expansion too. */
    @Test
    void aQuoteInAnExpansionHidesNothingFromSh() throws ScriptFault {
        String early = "echo \"${msg:-don't panic}\"\nmount -n -o remount,rw /\necho \"${msg:-can't stop}\"";
        assertEquals(Reason.DM_AFTER_FSCK, refusal(new StartPlace(sysinit("sh", early, ""))));
        String pattern = "echo \"${msg#'}'}\" '${x:-'";
        assertEquals(foundIn(pattern), new StartPlace(sysinit("sh", pattern, "")).find());
    }

    @Test
    void anEscapedQuoteInBackQuotesBetweenQuotes() throws ScriptFault {
        String early = "x=\"`echo \\\"it's\\\"`\"\nmount -n -o remount,rw /\ny=\"`echo \\\"it's\\\"`\"";
        assertEquals(Reason.DM_AFTER_FSCK, refusal(new StartPlace(sysinit("bash", early, ""))));
        assertEquals(foundIn(""), new StartPlace(sysinit("bash", "x=\"`echo \\\"it's\\\"`\"", "")).find());
    }

    @Test
    void whatInitCryptoWritesElsewhere() throws ScriptFault {
        String body = "init_crypto() { mount -n /dev/sdb1 /mnt/key; cryptsetup luksOpen /dev/sda3 x; }\ninit_crypto 0";
        assertEquals(Reason.DM_AFTER_FSCK, refusal(new StartPlace(sysinit("bash", body, ""))));
        String anew = "init_crypto() { cryptsetup create x /dev/sda3; mkswap \"/dev/mapper/$dst\"; mount \"/dev/mapper/$dst\" /tmp; }\ninit_crypto 0";
        assertEquals(foundIn(anew), new StartPlace(sysinit("bash", anew, "")).find());
    }

    @ParameterizedTest
    @ValueSource(strings = {RUN + "run /sbin/lvm vgchange -ay", "sh -c 'true; vgchange -ay'"})
    void aSetUpAtTheEnd(String late) throws ScriptFault {
        assertEquals(Reason.DM_AFTER_FSCK, refusal(new StartPlace(sysinit("bash", "", late))));
    }

    @Test
    void whatMaySetUpAtTheEnd() throws ScriptFault {
        assertEquals(Reason.AMBIGUOUS, refusal(new StartPlace(sysinit("bash", "", "mystery vgchange -ay"))));
        assertEquals(foundIn(""), new StartPlace(sysinit("bash", "", "mystery fsck -A")).find());
    }

    @ParameterizedTest
    @ValueSource(strings = {
        RUN + "run mount -n -o remount,rw /boot\ndate > /boot/lasthalt", "sh -c 'sync; mount -n -o remount,rw /boot'", "mount -n -txfs /dev/sdb1 /mnt",
        "mount -n -t ext3 $LOGDEV /mnt", "echo x > /dev/sdb", RUN + "run mount -n -o remount,ro /boot"
    })
    void aWriteBehindTheReadOnlyLoop(String late) throws ScriptFault {
        assertEquals(Reason.RO_ORDER, refusal(new StopPlace(halt(late))));
    }

    @Test
    void whatMayWriteBehindTheReadOnlyLoop() throws ScriptFault {
        assertEquals(Reason.AMBIGUOUS, refusal(new StopPlace(halt("mystery mount -n -o remount,rw /boot"))));
        assertEquals(5, new StopPlace(halt("mystery vgchange -ay")).find());
    }

    /** A function may be what remounts, with the words of the call. */
    @Test
    void aLoopThatRemountsThroughAFunction() throws ScriptFault {
        ShellScript script = ShellScript.parse(ScriptText.of("#!/bin/bash\n" + RUN
                + "mount | awk '{ print $1,$3 }' | while read dev dir; do\n\trun mount -n -o ro,remount $dir\ndone\nexec $command\n"));
        assertEquals(6, new StopPlace(script).find());
    }
}
