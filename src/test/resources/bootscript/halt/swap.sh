SWAPS=`awk '! /^Filename/ { print $1 }' /proc/swaps`
[ -n "$SWAPS" ] && for swap in $SWAPS; do
	runcmd "Turning off $swap" swapoff $swap
done
[ -x /sbin/quotaoff ] && runcmd "Turning off quotas" /sbin/quotaoff -aug
