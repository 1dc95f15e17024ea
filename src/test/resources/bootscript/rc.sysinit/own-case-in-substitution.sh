kind=$(case "$cmdline" in
	*single*) echo single ;; # an unbalanced ) in a comment
	*) echo "multi)" ;;
esac)
