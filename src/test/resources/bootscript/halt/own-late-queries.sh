swapon -s
[ -x /sbin/hwclock ] && /sbin/hwclock --systohc
