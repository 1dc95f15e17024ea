rc=$?
[ $rc -eq 0 ] || echo "disk encryption: status $rc"
