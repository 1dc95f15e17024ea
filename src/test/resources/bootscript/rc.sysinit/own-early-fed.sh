/bin/bash -e <<EOF
mount -a
EOF
