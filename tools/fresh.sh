#!/bin/bash
# Tries the README's two commands on a system as it is after its installation: tools/fresh.sh bookworm|trixie
#
# As root, since it makes a Debian of its own in a scratch folder (mmdebstrap, else debootstrap; minbase with git and make),
# clones the last commit of this tree into it, runs `make demo` and `make test` there as root, then in another clone as an
# ordinary user for whom the packages are there, prints how long each took, and removes the system again. Any command that
# fails ends it with 1. SCRATCH names the folder (default /var/tmp), MIRROR another source of packages, KEEP=1 leaves the system for a look, USERS="root" runs
# one of the two alone. The user's clone finds what root's compiled in a compiler cache: what it tries is rights, not compilers.
set -euo pipefail
cd "$(dirname "$0")/.."

system=${1:-}
case $system in
  bookworm | trixie) ;;
  *) echo "fresh: the system has to be bookworm or trixie" >&2; exit 2 ;;
esac
(( EUID == 0 )) || { echo "fresh: only root can make a system of its own" >&2; exit 2; }
scratch=$(mktemp -d "${SCRATCH:-/var/tmp}/astrom3-fresh-$system.XXXXXX")
root=$scratch/root

clean_up() {
  local mounted
  for mounted in proc dev/shm dev/pts dev sys; do
    if mountpoint -q "$root/$mounted"; then umount "$root/$mounted" || umount -l "$root/$mounted"; fi
  done
  if [[ ${KEEP:-} ]]; then echo "fresh: the system is left in $root"; else rm -rf --one-file-system "$scratch"; fi
}
trap clean_up EXIT

make_system() {
  if command -v mmdebstrap > /dev/null; then
    mmdebstrap --quiet --variant=minbase --include=git,make "$system" "$root" ${MIRROR:+"$MIRROR"}
  elif command -v debootstrap > /dev/null; then
    debootstrap --variant=minbase --include=git,make "$system" "$root" ${MIRROR:+"$MIRROR"} > "$scratch/debootstrap.log"
  else
    echo "fresh: apt-get install mmdebstrap" >&2
    exit 2
  fi
  mount -t proc proc "$root/proc"
  mount -t sysfs sys "$root/sys"
  mount --bind /dev "$root/dev"
  mount --make-private "$root/dev"
  mount --bind /dev/pts "$root/dev/pts"
  mount -t tmpfs shm "$root/dev/shm"
}

# What a proxy between this machine and the package registries needs: certificates and pip's configuration, nothing else.
trust_what_this_machine_trusts() {
  cp /etc/resolv.conf "$root/etc/resolv.conf"
  [[ ! -f /etc/pip.conf ]] || cp /etc/pip.conf "$root/etc/pip.conf"
  if compgen -G "/usr/local/share/ca-certificates/*.crt" > /dev/null; then
    mkdir -p "$root/etc/ssl/certs"
    cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/machine.crt"
    printf '[global]\ncert = /etc/ssl/machine.crt\n' > "$root/etc/pip.conf"
  fi
}

# One command in the system, with its output in a file and its time in the table: try USER "COMMAND"
try() {
  local user=$1 command=$2 code=0 log="$scratch/$1-${2// /-}.log" home real cpu_user cpu_system TIMEFORMAT='%0R %0U %0S'
  home=$(home_of "$user")
  { time chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 CCACHE_DIR=/var/cache/astrom3 \
      CCACHE_UMASK=000 su "$user" -c "cd $home/astrom3.cpp && $command" > "$log" 2>&1 < /dev/null || code=$?
  } 2> "$scratch/time"
  read -r real cpu_user cpu_system < <(tail -n 1 "$scratch/time")
  printf '%-9s %-10s %-10s %5d s, %5d s of CPU  %s\n' "$system" "$user" "$command" "$real" \
    $((cpu_user + cpu_system)) "$( ((code)) && echo "FAILED ($code)" || echo ok)"
  grep -E '^[0-9]+% tests passed|^astrom3: without' "$log" | sed 's/^/          /' || true
  (( code == 0 )) || { tail -n 40 "$log"; exit 1; }
}

home_of() { chroot "$root" getent passwd "$1" | cut -d: -f6; }

make_system
trust_what_this_machine_trusts
mkdir -m 777 "$root/var/cache/astrom3"
chroot "$root" useradd --create-home astronomer
for user in ${USERS:-root astronomer}; do
  home=$(home_of "$user")
  git clone -q --no-local . "$root$home/astrom3.cpp"
  chroot "$root" chown -R "$user:" "$home/astrom3.cpp"
  try "$user" "make demo"
  try "$user" "make test"
done
