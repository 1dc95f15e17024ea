mount | awk '{ print $1,$3 }' | while read dev dir; do
	make_boot_readonly "$dir"
done
