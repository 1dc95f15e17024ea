if strstr "$cmdline" fastboot || [ -f /fastboot ]; then
	fastboot=yes
fi
