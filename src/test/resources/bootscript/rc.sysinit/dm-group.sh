{
	/sbin/vgscan
	/sbin/vgchange -a y
} > /dev/null 2>&1
( cd / ; /sbin/dmraid -ay )
