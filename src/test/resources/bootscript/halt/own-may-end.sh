exec 3>&1 < /dev/null
( exit 1 ) || :
[ -f /etc/own.custom ] && exec /etc/own.custom
help() { return 0; }
help; echo exit | cat
