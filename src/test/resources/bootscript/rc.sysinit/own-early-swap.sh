# memory for the checks
action $"Activating swap: " swapon -a
