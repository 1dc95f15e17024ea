mount -n -o remount,rw /
