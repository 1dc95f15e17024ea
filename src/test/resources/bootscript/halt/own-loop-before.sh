for dir in /data /backup; do
	mount -n -o ro,remount $dir
done
