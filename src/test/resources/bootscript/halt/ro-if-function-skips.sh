mount | awk '{ print $1,$3 }' | while read dev dir; do
	skip_some "$dir"
done
