action $"Mounting local filesystems: " mount -a -t nonfs,nfs4,smbfs,cifs -O no_netdev
if [ -f /.autorelabel ]; then
	echo "*** labels will be set anew"
fi
