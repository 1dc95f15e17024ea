ntfs-3g /dev/sdb1 /data
