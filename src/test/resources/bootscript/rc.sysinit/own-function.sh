function repair_later {
	# defined and never called
	fsck -A -y
	mount -a
	/sbin/vgchange -a y
}
