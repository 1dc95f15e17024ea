if [ -f /etc/crypttab ]; then
    init_crypto 1
fi
