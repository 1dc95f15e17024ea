[ -x /sbin/halt ] && /sbin/halt -w
/sbin/halt -w
