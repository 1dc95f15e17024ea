losetup /dev/loop0 /images/data
