mount | awk '{ print $1,$3 }' | while read dev dir; do
	[ "$mode" = nfs ] || mount -n -o remount,ro "$dir"
done
