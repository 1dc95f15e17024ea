[ -f /etc/mdadm.conf ] && /sbin/mdadm -A -s --auto=yes
[ -r /proc/mdstat ] && /sbin/raidautorun /dev/md0
