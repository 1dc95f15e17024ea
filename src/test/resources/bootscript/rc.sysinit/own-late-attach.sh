/lib/systemd/systemd-cryptsetup attach secret /dev/sdb2 /etc/key
