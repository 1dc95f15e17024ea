if [ -f /etc/multipath.conf ] && ! strstr "$cmdline" nompath ; then
	modprobe dm-multipath > /dev/null 2>&1
	multipath -v 0
fi

if [ -x /sbin/lvm ]; then
	if [ ! -f /.nolvm ] && ! strstr "$cmdline" nolvm ; then
		action $"Setting up Logical Volume Management:" /sbin/lvm vgchange -a y --sysinit
	fi
fi
