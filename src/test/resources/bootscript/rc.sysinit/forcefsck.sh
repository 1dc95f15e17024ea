if [ -f /fsckoptions ]; then
	fsckoptions=`cat /fsckoptions`
fi
if [ -f /forcefsck ] || strstr "$cmdline" forcefsck ; then
	fsckoptions="-f $fsckoptions"
elif [ -f /.autofsck ]; then
	echo $"The machine was not shut down cleanly"
fi
