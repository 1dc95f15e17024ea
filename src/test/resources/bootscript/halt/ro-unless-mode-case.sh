mount | awk '{ print $1,$3 }' | while read dev dir; do
	case "$mode" in
		nfs)
			continue
			;;
	esac
	mount -n -o remount,ro "$dir"
done
