check_all() {
	fsck -A -a
}
check_all || :
