# Two clean reboots: what was changed in either of two boots is reported by the third, and nothing is missed.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154

. "${here-}/tracking.sh"

boot1() { first_boot && shut_down; }

boot2() { good_boot two; }

boot3() { last_boot; }

after3() {
    expect_complete 3 DATA
    expect_complete 3 ROOT
}
