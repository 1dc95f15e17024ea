
# Arrays with a monitor of their own are waited for
if [ -x /sbin/mdadm ]; then
	/sbin/mdadm --wait-clean --scan >/dev/null 2>&1
fi
