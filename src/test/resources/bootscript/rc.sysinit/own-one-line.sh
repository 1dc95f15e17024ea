[ -f /etc/crypttab ] && init_crypto 0; if [ -f /fastboot ]; then fastboot=yes; fi; echo "all on one line"
