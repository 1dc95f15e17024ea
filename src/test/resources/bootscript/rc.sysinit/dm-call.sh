if ! strstr "$cmdline" nolvm; then
	activate_volumes
fi
