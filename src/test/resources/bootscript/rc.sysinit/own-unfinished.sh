if [ -f /etc/somewhere ]; then
	echo "and the end of this block went missing"
