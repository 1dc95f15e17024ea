mount | awk '{ if ($5 == "ext3") print $3 }' | while read dir; do
	mount -n -o ro,remount $dir
done
