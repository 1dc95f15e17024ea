case "$cmdline" in
	*nolvm*)
		echo "LVM left alone"
		;;
	(*)
		/sbin/vgscan
		/sbin/vgchange -a y
		;;
esac
