if [ -f /fastboot ] || strstr "$cmdline" fastboot ; then
	fastboot=yes
fi
