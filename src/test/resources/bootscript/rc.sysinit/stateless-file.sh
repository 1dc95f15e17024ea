if [ "$READONLY" = "yes" -o "$TEMPORARY_STATE" = "yes" ]; then
	. /etc/rc.readonly
fi
