/sbin/mdadm --run /dev/md1
