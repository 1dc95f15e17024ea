fsadm resize /dev/sdb1
