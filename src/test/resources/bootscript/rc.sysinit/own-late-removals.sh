# what is there, and what is no longer needed
multipath -ll
kpartx -d /dev/mapper/old
cryptsetup --version
dmraid -s
mdadm --detail --scan
