if [ "$READONLY" != "yes" ]; then
	action $"Remounting root filesystem in read-write mode: " mount -n -o remount,rw /
fi
