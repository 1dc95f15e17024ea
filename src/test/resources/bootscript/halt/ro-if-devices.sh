mount | awk '{ print $1,$3 }' | while read dev dir; do
	case $dev in
		/dev*)
			continue
			;;
	esac
	mount -n -o ro,remount "$dir"
done
