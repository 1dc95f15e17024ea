init_crypto 0
