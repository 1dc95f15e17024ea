# a data disk, mounted before anything else looks at it
mount /dev/sdb1 /data
