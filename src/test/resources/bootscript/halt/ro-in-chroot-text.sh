mount | awk '{ print $1,$3 }' | while read dev dir; do
	nice chroot /mnt sh -c "mount -n -o remount,ro $dir"
done
