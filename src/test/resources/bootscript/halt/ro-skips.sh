mount | awk '{ print $1,$3 }' | while read dev dir; do
	case "$dir" in
		/proc*|/sys*|/dev*|/run*)
			continue
			;;
	esac
	mount -n -o ro,remount "$dir"
done
