[ -f /images/boot ] && cp /images/boot /dev/sda1
