mount -t proc proc /proc && mount -t sysfs sysfs /sys
sysctl -p > /dev/null 2>&1 || :
