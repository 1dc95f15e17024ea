if [ -f /fastboot ] || grep -iq "fastboot" /proc/cmdline 2>/dev/null ; then
	fastboot=yes
fi
