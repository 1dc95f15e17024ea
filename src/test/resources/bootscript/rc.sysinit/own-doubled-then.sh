if [ -f /etc/somewhere ]; then then
	echo "as one published version had it"
fi
