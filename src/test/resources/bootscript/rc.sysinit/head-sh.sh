#!/bin/sh
# The same beginning for a machine whose sh is bash.
umask 022
PATH=/bin:/sbin:/usr/bin:/usr/sbin
export PATH
