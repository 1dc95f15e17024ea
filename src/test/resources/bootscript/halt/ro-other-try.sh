mount | awk '{ print $1,$3 }' | while read dev dir; do
	for try in 1 2 3; do
		mount -n -o remount,ro "$try" && break
	done
done
