[ -b /dev/sda2 ] && pvresize /dev/sda2
