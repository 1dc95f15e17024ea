cat <<EOF > /etc/motd.boot
if [ -f /fastboot ] || strstr "$cmdline" fastboot ; then
vgchange -a y
fsck -A -a
done; fi; esac
EOF
cat <<-'STOP' >> /etc/motd.boot
	mount -a $(never run)
	# blktrack is mentioned
	STOP
