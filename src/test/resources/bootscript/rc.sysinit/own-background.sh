( [ -x /sbin/lvm ] && /sbin/lvm vgchange -ay --sysinit ) &
