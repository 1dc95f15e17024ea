swapon -a
