#@include run.sh

# Saves the record and sets the clean mark, once everything is read-only.
blktrack_stop() {
    blktrack_run 30 clear_dirtyflag
}
