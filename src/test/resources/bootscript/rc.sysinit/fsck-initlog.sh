if [ -z "$fastboot" ]; then
	rc=0
	initlog -c "fsck -T -a / $fsckoptions" || rc=$?
	[ $rc -le 1 ] || sulogin
fi
