mount | awk '{ print $1,$3 }' | while read dev dir; do
	umount "$dir" && continue
	for try in 1 2; do
		mount -n -o ro,remount "$dir" && break
		: "$dir is busy"
	done
done
