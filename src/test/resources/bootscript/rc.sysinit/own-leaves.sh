leave() {
	echo "leaving"
	exec /etc/rc.d/own.custom
}
if true; then
	leave
fi
