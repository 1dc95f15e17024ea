exec /etc/rc.d/own.custom "$@"
