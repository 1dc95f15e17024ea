#!/bin/bash
#
# halt of a machine that exists in tests only; it is also called reboot.
# ro,remount and exec $command in a comment mean nothing.
NOLOCALE=1
umask 022
