/sbin/blktrack-helper clear_dirtyflag
