while read dev dir type rest; do
	[ "$type" = sysfs ] && continue
	[ -n "$dir" ] && [[ $type != devpts ]] && mount -n -o ro,remount "$dir"
done < /proc/mounts
