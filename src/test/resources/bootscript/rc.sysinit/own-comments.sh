# if [ -f /fastboot ] || strstr "$cmdline" fastboot ; then
#   init_crypto 0
# vgchange -a y ; fsck -A
