cat <<NEVER
this here-document is not closed
