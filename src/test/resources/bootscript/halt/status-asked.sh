[ $? -eq 0 ] || echo "not everything is read-only"
