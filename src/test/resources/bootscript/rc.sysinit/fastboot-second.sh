if [ -f /fastboot ] && [ -f /quickly ]; then
	quick=yes
fi
