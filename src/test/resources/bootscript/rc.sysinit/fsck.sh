if [ -z "$fastboot" ] && [ "$READONLY" != "yes" ]; then
	echo $"Checking filesystems"
	fsck -T -t noopts=_netdev -A -a $fsckoptions
	rc=$?
	if [ $rc -gt 1 ]; then
		sulogin
	fi
fi
