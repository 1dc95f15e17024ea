mount | awk '/ext2/ { print $3 }' | while read line; do
    mount -n -o ro,remount $line
done
