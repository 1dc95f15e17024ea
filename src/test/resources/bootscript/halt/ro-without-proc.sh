mount | grep -v '^proc' | while read dev on dir rest; do
	for try in 1 2 3; do
		mount -n -o ro,remount $dir && break
	done
done
