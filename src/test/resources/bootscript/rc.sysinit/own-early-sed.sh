sed -i s/old/new/ /dev/sdb1
