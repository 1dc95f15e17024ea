# An old copy of the table comes back, as by a restore of its file alone: the fingerprints it holds are not those of today's volumes.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154

. "${here-}/tracking.sh"

boot1() { first_boot && shut_down; }

after1() { table_read out1/early.conf old-table; }

boot2() { good_boot two; }

after2() { table_write out1/early.conf old-table; }

boot3() { last_boot; }

after3() {
    expect_unknown 3 DATA FOREIGN_WRITE "ext4 mount count"
    expect_unknown 3 ROOT FOREIGN_WRITE "ext4 mount count"
}
