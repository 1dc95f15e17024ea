# The acts of ./demo, in a guest: the project and a JDK are on the disk "project".
# shellcheck shell=sh disable=SC1091,SC2154
load ext4 loop
mount "$(disk project)" /mnt
# Not over those that are there: programs run with them.
(cd /mnt/libraries && find . -type f) | while read -r library; do
    [ -e "/$library" ] || { mkdir -p "/${library%/*}" && cp "/mnt/libraries/$library" "/$library"; }
done
# as_on_the_host FOLDER-OF-THE-DISK PATH
as_on_the_host() {
    mkdir -p "$2"
    mount -o bind "$1" "$2"
}
project=$(boot_argument demo.project) java=$(boot_argument demo.java)
as_on_the_host /mnt/project "$project"
as_on_the_host /mnt/jdk "$java"
export JAVA_HOME="$java" LC_ALL=C.UTF-8
mkdir -p /var/tmp
ln -sf /proc/self/fd /dev/fd
ip link set lo up
echo "demo: begin"
cd "$project"
status=0
bash -eu -c '
    . scripts/demo-acts.sh
    plain=1 patience=1200
    prepare_stage
    trap strike_stage EXIT
    all_acts' || status=$?
[ ! -e target/demo/changes.svg ] || send target/demo changes.svg
exit "$status"
