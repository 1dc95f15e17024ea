if [ -x /sbin/halt.local ]; then
   /sbin/halt.local
fi
