mount -t ext3 | awk '{ print $3 }' | while read dir; do
	mount -n -o ro,remount $dir
done
