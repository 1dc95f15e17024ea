/sbin/lvm vgchange -a y archive
