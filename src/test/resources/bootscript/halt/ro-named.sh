for dir in / /usr /var; do
	mount -n -o ro,remount $dir
done
