( logger "starting" & )
