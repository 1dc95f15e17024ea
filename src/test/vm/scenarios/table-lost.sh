# The table is lost in five ways. Each is done to the same disks as boot 1 left them, with the volume DATA untouched.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154

. "${here-}/tracking.sh"

tracked=DATA

after_each() {
    for image in root data; do cp --sparse=always "$image.saved" "$image.img"; done
}

boot1() { first_boot && shut_down; }

after1() {
    for image in root data; do cp --sparse=always "$image.img" "$image.saved"; done
    check "the table is not immutable" sh -c 'debugfs -R "stat /var/lib/blktrack/table" root.img 2>/dev/null | grep -q "Flags:.*0x.*[13579bdf][0-9a-f]$"'
    check "debugfs cannot write" debugfs -w -R "rm /var/lib/blktrack/table" root.img
}

# Deleted, and looked for by its file.
boot2() {
    mount_root
    helper start --tracking || note "start: status $?"
    ask
}

# Cut off behind its directory, with nothing but zeros where the bitmaps were; seen from the early boot.
after2() {
    after_each
    table_read out1/early.conf table
    size=$(stat -c %s table)
    truncate -s $((8192 + 16 * 16384)) table && truncate -s "$size" table
    table_write out1/early.conf table
}

boot3() { last_boot; }

# All of it overwritten: the blocks belong to somebody else now, and are not to be written to.
after3() {
    after_each
    dd if=/dev/urandom of=table bs=4096 count=$((size / 4096)) status=none
    table_write out1/early.conf table
    cp --sparse=always root.img overwritten
}

boot4() { last_boot; }

# The file shortened by another's hand, looked for by its file.
after4() {
    check "a boot wrote to blocks that hold no table" cmp -s root.img overwritten
    after_each
    debugfs -w -R "set_inode_field /var/lib/blktrack/table size 8192" root.img
}

boot5() {
    mount_root
    helper start --tracking || note "start: status $?"
    ask
}

# The table of another installation, at the same place.
after5() {
    after_each
    table_read out1/early.conf table
    sed 's/^table_uuid=.*/table_uuid=00112233445566778899aabbccddeeff/' out1/early.conf >early.conf
}

machine() {
    usual_machine "$1"
    if [ "$1" = 6 ]; then with --add "$PWD/early.conf:/etc/blktrack/early.conf"; fi
}

boot6() { last_boot; }

after6() {
    expect_unknown 2 DATA TABLE_MISSING
    expect_unknown 3 DATA TABLE_CORRUPT
    expect_unknown 4 DATA TABLE_MISSING
    expect_unknown 5 DATA TABLE_CORRUPT
    expect_unknown 6 DATA TABLE_REPLACED
}
