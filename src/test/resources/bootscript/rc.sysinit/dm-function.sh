activate_volumes() {
	/sbin/lvm vgscan
	/sbin/lvm vgchange -a y
}
