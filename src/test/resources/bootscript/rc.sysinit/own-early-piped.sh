echo "mount -a" | sh
