HALTARGS="-d"
[ -f /poweroff -o "$INIT_HALT" != "HALT" -a "$command" = /sbin/halt ] && HALTARGS="$HALTARGS -p"
exec $command $HALTARGS
