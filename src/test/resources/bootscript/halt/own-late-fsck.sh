[ -f /checkatdown ] && nice "$(which fsck)" -A -a
