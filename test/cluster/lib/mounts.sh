# mounts.sh CLUSTER_DIR READY_FILE: the mounts of a node, made inside a mount namespace of its own.
# Programs find everything at the usual places, short enough for socket paths, and the machine sees none of it.
state=$1/node
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p "$state/log"
for place in kubelet containerd cni; do
    mkdir -p "$state/$place" "/var/lib/$place"
    mount --bind "$state/$place" "/var/lib/$place"
done
mount --bind "$state/log" /var/log

# /etc/resolv.conf may be a link into the /run that is hidden now.
resolver=$(readlink -m /etc/resolv.conf)
case $resolver in /run/*) mkdir -p "$(dirname "$resolver")" && touch "$resolver" ;; esac
mount --bind "$1/conf/resolv.conf" "$resolver"

# The kubelet insists on these values, which are the whole machine's (a reboot on an oops, for one).
# It finds them here and changes nothing.
mkdir "$state/sysctl"
for setting in vm/overcommit_memory=1 vm/panic_on_oom=0 kernel/panic=10 kernel/panic_on_oops=1 \
    kernel/keys/root_maxkeys=1000000 kernel/keys/root_maxbytes=25000000; do
    file=$state/sysctl/$(basename "${setting%=*}")
    echo "${setting#*=}" >"$file"
    mount --bind "$file" "/proc/sys/${setting%=*}"
done

# Pods may ask for mounts to be passed on between them; this is the group they are passed on in.
mount --make-rshared /
touch "$2"
exec sleep infinity
