groups=`/sbin/lvm vgscan | grep -c Found`
for group in system data; do
	/sbin/vgchange -a y $group
done
