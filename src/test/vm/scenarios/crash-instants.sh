# The machine is reset at random instants of the save and of the start, again and again on the same disks. Each next boot's answer is exact
# or unknown; over the run both must have been seen, or the instants missed what they were for. BLKTRACK_SEED repeats a run.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154

. "${here-}/tracking.sh"

tracked=DATA

# What a boot is for, by its number: reset in the save, saved in peace, reset in the start, and so on.
kind_of() {
    case $(($1 % 3)) in
    2) echo save ;;
    0) echo peace ;;
    1) echo start ;;
    esac
}

machine() {
    usual_machine "$1"
    [ "$1" != 1 ] || return 0
    attach copy-data,serial=COPY-DATA
    cp --sparse=always data.img data.before
    cp --sparse=always copy-data.img copy.before
    if [ "$(kind_of "$1")" != peace ]; then choose_instant "$1"; fi
}

# An instant within the time that the same thing took in peace: in its first half and in its second half by turns, so that both kinds of answer come.
choose_instant() {
    took=$(cat out*/"$(kind_of "$1").ms" | tail -n 1)
    kill_ms=$(awk -v seed="$((${BLKTRACK_SEED:-$(date +%s)} + $1))" -v range=$((took + took / 20)) -v half=$(($1 / 3 % 2)) \
        'BEGIN { srand(seed); print int((half + rand()) * range / 2) }')
    echo "# boot $1: reset $kill_ms ms into the $(kind_of "$1"), which takes $took ms" | tee -a notes >&2
    with --append "test.reset_ms=$kill_ms"
}

# ---- guest ----

now_ms() { awk '{ printf "%d\n", $1 * 1000 }' /proc/uptime; }

# timed NAME COMMAND...: tells the host how long it took.
timed() {
    timed_name=$1 timed_from=$(now_ms)
    shift
    "$@"
    mkdir -p /tmp/timed
    echo $(($(now_ms) - timed_from + 10)) >"/tmp/timed/$timed_name.ms"
    send /tmp/timed "$timed_name.ms"
}

# reset_during COMMAND...
reset_during() {
    reset_ms=$(boot_argument test.reset_ms)
    result 0
    (sleep "$((reset_ms / 1000)).$(printf %03d $((reset_ms % 1000)))" && echo b >/proc/sysrq-trigger) &
    "$@" || :
    sleep 60
}

boot1() {
    first_boot
    come_to_rest
    timed save helper clear_dirtyflag
}

save_boot() {
    timed start start_early
    ask
    if [ "$(field_of DATA trust)" = UNKNOWN ]; then
        agent new_series slot="$(field_of DATA slot)" change_id="$(change_id DATA "$1")" >/tmp/series
        take_copy DATA
    fi
    boot_up
    work "$1"
    come_to_rest
    case $(kind_of "$1") in
    save) reset_during helper clear_dirtyflag ;;
    peace) timed save helper clear_dirtyflag ;;
    esac
}

boot2() { save_boot 2; }
boot3() { save_boot 3; }
boot4() { reset_during start_early; }
boot5() { save_boot 5; }
boot6() { save_boot 6; }
boot7() { reset_during start_early; }
boot8() { save_boot 8; }
boot9() { save_boot 9; }
boot10() { reset_during start_early; }
boot11() { last_boot; }

# ---- host: the answer of that boot, against the disk as it found it ----

judge() {
    begun_in=1
    [ ! -e newest ] || read -r begun_in <newest
    cp --sparse=always data.img data.after && cp --sparse=always copy-data.img copy.after
    cp --sparse=always data.before data.img && cp --sparse=always copy.before copy-data.img
    if [ "$(answer "$1" DATA trust)" = COMPLETE ]; then
        expect_complete "$1" DATA "$begun_in"
        echo complete >>seen
    else
        expect_unknown "$1" DATA UNCLEAN_SHUTDOWN
        echo unknown >>seen
        echo "$1" >newest
    fi
    mv data.after data.img && mv copy.after copy-data.img
}

after2() { judge 2; }
after3() { judge 3; }
after5() { judge 5; }
after6() { judge 6; }
after8() { judge 8; }
after9() { judge 9; }

after11() {
    judge 11
    check "no instant left the record complete" grep -q complete seen
    check "no instant made the record unknown" grep -q unknown seen
}
