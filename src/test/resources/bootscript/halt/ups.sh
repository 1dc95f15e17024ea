if [ -f /etc/ups/upsmon.conf -a -f /etc/killpower ]; then
	/sbin/upsdrvctl shutdown
fi
