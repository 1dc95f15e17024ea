if [ "$READONLY" = "yes" -o "$TEMPORARY_STATE" = "yes" ]; then
	put_empty() {
		if [ -d "$1" ]; then
			mount -n --bind "$RW_MOUNT$1" "$1"
		fi
	}
	if ! mount -n -t tmpfs none "$RW_MOUNT" ; then
		echo "no room for the writable part"
	fi
	put_empty /var/log
	mount -n LABEL=stateless-state "$STATE_MOUNT"
fi
