$command
