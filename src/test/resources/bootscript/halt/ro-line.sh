mount -n -o ro,remount /
