echo "and now nothing more"
