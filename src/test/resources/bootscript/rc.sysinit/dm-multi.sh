# Everything that sits on device-mapper
if ! LC_ALL=C fgrep -q device-mapper /proc/devices 2>/dev/null ; then
	modprobe dm-mod >/dev/null 2>&1
fi
if [ -e /dev/mapper/control ]; then
    if ! strstr "$cmdline" nompath && [ -x /sbin/multipath.static ]; then
	modprobe dm-multipath >/dev/null 2>&1
	/sbin/multipath.static -v 0
	for disk in $(/sbin/dmsetup ls --target multipath --exec "echo" 2>/dev/null); do
	    /sbin/kpartx -a /dev/mapper/$disk
	done
    fi
    if ! strstr "$cmdline" nodmraid && [ -x /sbin/dmraid ]; then
	names=$(/sbin/dmraid -s -c -i)
	for x in $names; do
		/sbin/dmraid -ay -i -p "$x" >/dev/null
	done
    fi
    if [ -x /sbin/lvm.static ] && /sbin/lvm.static vgscan > /dev/null 2>&1 ; then
	action $"Setting up Logical Volume Management:" /sbin/lvm.static vgchange -a y --ignorelockingfailure
    fi
fi
