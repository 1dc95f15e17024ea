rm -f /fastboot /fsckoptions /forcefsck
action $"Enabling local swap partitions: " swapon -a -e
# the end: reached in every fixture
ready
