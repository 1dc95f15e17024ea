mdadm -C /dev/md9 -l 0 -n 2 /dev/ram0 /dev/ram1
