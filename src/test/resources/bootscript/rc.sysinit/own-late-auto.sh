[ -f /proc/mdstat ] && mdadm --auto-detect
