# neither of them touches a disk
cp -a /lib/devices/. /dev/ 2> /dev/null
echo starting | tee /dev/console > /dev/null
sh /etc/early.sh 2> /dev/null
