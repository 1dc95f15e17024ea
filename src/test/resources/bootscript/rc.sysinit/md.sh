if [ -f /etc/mdadm.conf ]; then
	/sbin/mdadm -A -s
fi
