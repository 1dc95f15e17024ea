make_readonly() {
	[ "$1" = /proc ] && return
	mount -n -o ro,remount "$1"
}
make_some_readonly() {
	[ -f "$1/.keep" ] || mount -n -o ro,remount "$1"
}
skip_some() {
	[ -f "$1/.keep" ] && return
	mount -n -o ro,remount "$1"
}
make_named_readonly() {
	local place="$1"
	mount -n -o ro,remount "$place"
}
make_boot_readonly() {
	mount -n -o ro,remount /boot
}
