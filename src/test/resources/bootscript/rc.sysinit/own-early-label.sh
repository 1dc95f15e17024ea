[ -b /dev/sdb1 ] && e2label /dev/sdb1 data
