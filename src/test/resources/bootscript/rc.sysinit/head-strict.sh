#!/bin/bash -e
# A careful administrator made every failure fatal.
set -e -u
trap 'echo "line $LINENO failed" >&2' ERR
