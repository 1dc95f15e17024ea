text="while read line; do
 mount -n -o ro,remount
done"
: "$text"
