mount | awk '{ print $1,$3 }' | while read dev dir; do
	case "$dir" in
		/data)
			;;
		*)
			mount -n -o ro,remount "$dir"
			;;
	esac
done
