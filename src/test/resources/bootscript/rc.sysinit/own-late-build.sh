mdadm --build /dev/md9 --level=0 --raid-devices=2 /dev/ram0 /dev/ram1
