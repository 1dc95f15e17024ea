if [ -z "$fastboot" ]; then
	fsck -T -A -a || sulogin
fi
