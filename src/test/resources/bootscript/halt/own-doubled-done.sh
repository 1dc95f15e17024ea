for dir in /a /b; do
	echo $dir
done
done
