if [ -x /sysroot/sbin/fsck ]; then
	chroot /sysroot /sbin/fsck -a /dev/sdb1
fi
