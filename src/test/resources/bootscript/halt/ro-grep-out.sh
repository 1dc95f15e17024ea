mount | grep -v ext3 | while read dev on dir rest; do
	mount -n -o ro,remount "$dir"
done
