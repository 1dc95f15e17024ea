#!/bin/sh
/sbin/blktrack-early || :
