/sbin/lvm \
	vgchange -a y \
	--ignorelockingfailure \
	--sysinit
