if [ -f /poweroff ]; then
	flags=-p
fi
eval $command -i -d ${flags:-}
