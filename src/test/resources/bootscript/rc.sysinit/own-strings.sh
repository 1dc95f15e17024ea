note="fsck -A; vgchange -a y
if [ -f /fastboot ]; then mount -a; fi
"
other='mount -o remount,rw /
# blktrack was here'
echo "$note" "$other" > /dev/null
