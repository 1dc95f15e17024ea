if [ -x /sbin/lvm ]; then
	/sbin/lvm vgchange -a y
	fsck -a /dev/system/root
fi
