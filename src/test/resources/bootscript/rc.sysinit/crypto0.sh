if [ -f /etc/crypttab ]; then
    init_crypto 0
fi
