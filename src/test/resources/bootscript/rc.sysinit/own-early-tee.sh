echo started | tee /dev/sdb
