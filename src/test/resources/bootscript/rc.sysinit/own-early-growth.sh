xfs_growfs /data
