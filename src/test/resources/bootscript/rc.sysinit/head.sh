#!/bin/bash
#
# rc.sysinit of a machine that exists in tests only.
# Words such as fsck, vgchange -ay, /fastboot or mount -a in a comment mean nothing.
#
HOSTNAME=$(hostname)
set -m
