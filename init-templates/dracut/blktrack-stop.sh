#!/bin/sh
/sbin/blktrack-last "${1:-}"
