# Opens the devices of /etc/crypttab; $1 is 0 before the checks and 1 after mounting.
init_crypto() {
    local pass=$1 name device key rest
    while read name device key rest; do
	case "$name" in
	    ""|\#*)
		continue
		;;
	esac
	if [ "$pass" = 0 ] && [ "$key" = late ] || [ "$pass" = 1 ] && [ "$key" != late ]; then
	    continue
	fi
	/sbin/cryptsetup luksOpen "$device" "$name"
    done < /etc/crypttab
    return 0
}
