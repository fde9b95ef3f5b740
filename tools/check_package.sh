#!/usr/bin/env bash
# check_package.sh PACKAGE NEWER: what script/package --check does with a package and a newer one of
# the same content: lintian, the unit, and their life in a fresh Debian 12 that is thrown away.
set -euo pipefail
cd "$(dirname "$0")/.."

package=$(realpath "$1")
newer=$(realpath "$2")
[ "$(id -u)" -eq 0 ] || { echo "check_package.sh: needs root, for a root of its own" >&2; exit 1; }

echo "== lintian"
lintian --allow-root --fail-on error,warning --info "$package"

work=$(mktemp -d)
debian=$work/debian
server=
clean_up() {
    if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; fi
    umount "$debian/proc" 2>/dev/null || true
    rm -rf "$work"
}
trap clean_up EXIT

echo "== the unit"
unit=$work/wrapup.service
dpkg-deb --fsys-tarfile "$package" | tar -xO ./lib/systemd/system/wrapup.service |
    sed "s,^ExecStart=/usr/bin/wrapup,ExecStart=$PWD/build/release/wrapup," >"$unit"
systemd-analyze verify --man=no "$unit"

echo "== a fresh Debian 12"
mirror=$(awk '$1 == "URIs:" && /debian\/?$/ { print $2; exit }
    $1 == "deb" && $2 ~ /debian\/?$/ { print $2; exit }' \
    /etc/apt/sources.list.d/*.sources /etc/apt/sources.list 2>/dev/null || true)
debootstrap --variant=minbase bookworm "$debian" ${mirror:+"$mirror"} >"$work/debootstrap.log" ||
    { tail -n 5 "$work/debootstrap.log"; exit 1; }
cp /etc/resolv.conf "$debian/etc/resolv.conf"
mount --bind /proc "$debian/proc"
cp "$package" "$debian/root/first.deb"
cp "$newer" "$debian/root/newer.deb"

# Arrays, so that a command is the very process that is started.
in_debian=(chroot "$debian" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
    DEBIAN_FRONTEND=noninteractive LC_ALL=C)
as_wrapup=("${in_debian[@]}" setpriv --reuid=wrapup --regid=wrapup --clear-groups --no-new-privs
    env --chdir=/etc/wrapup)
quiet=(-qq -y -o Dpkg::Use-Pty=0)
in_debian() { "${in_debian[@]}" "$@" </dev/null; }
install() {
    in_debian apt-get "${quiet[@]}" --no-install-recommends install "$1" \
        >"$work/apt.log" 2>&1 ||
        { tail -n 20 "$work/apt.log"; exit 1; }
    grep '^wrapup' "$work/apt.log" || true
}
expect() { "$@" || { echo "not so: $*" >&2; exit 1; }; }
stat_of() { in_debian stat -c '%U:%G %a' "$1"; }

# There is no systemd in a chroot: what the maintainer's scripts ask of it is written down. Not in
# /bin, where deb-systemd-helper would leave its links to it.
mkdir -p "$debian/run/systemd/system"
cat >"$debian/usr/sbin/systemctl" <<'STUB'
#!/bin/sh
echo "$*" >>/root/systemctl.log
case "$*" in *is-enabled*) echo enabled ;; esac
STUB
chmod +x "$debian/usr/sbin/systemctl"
asked() { grep -q -- "$1 wrapup.service\$" "$debian/root/systemctl.log"; }
forget() { : >"$debian/root/systemctl.log"; }

# Runs it as the unit does, until it takes events; then stops it.
serve() {
    local command
    command=$(sed -n 's/^ExecStart=//p' "$debian/lib/systemd/system/wrapup.service")
    # shellcheck disable=SC2086 # The words of the unit.
    "${as_wrapup[@]}" $command >>"$work/serve.log" 2>&1 </dev/null &
    server=$!
    for _ in $(seq 100); do
        if curl -fs http://127.0.0.1:18080/readyz >/dev/null; then
            kill "$server"
            wait "$server" || { cat "$work/serve.log"; exit 1; }
            server=
            return
        fi
        kill -0 "$server" 2>/dev/null || break
        sleep 0.1
    done
    cat "$work/serve.log"
    echo "it was not ready" >&2
    exit 1
}

in_debian apt-get -qq update
echo "== install"
install /root/first.deb
expect asked start
expect test "$(stat_of /var/lib/wrapup)" = "wrapup:wrapup 700"
expect test "$(stat_of /etc/wrapup)" = "root:wrapup 750"
home_and_shell=$(in_debian getent passwd wrapup | cut -d: -f6,7)
expect test "$home_and_shell" = "/var/lib/wrapup:/usr/sbin/nologin"
expect test -L "$debian/etc/systemd/system/multi-user.target.wants/wrapup.service"
"${as_wrapup[@]}" wrapup version
expect test -s "$debian/usr/share/man/man1/wrapup-destination-pause.1.gz"
expect in_debian bash -c '. /usr/share/bash-completion/completions/wrapup && complete -p wrapup'

echo "== run"
sed 's/^WRAPUP_DATA_DIR/WRAPUP_LISTEN=127.0.0.1:18080\n&/' "$debian/etc/wrapup/.env.example" \
    >"$debian/etc/wrapup/.env"
echo 'ELEVENLABS_WEBHOOK_SECRET=wsec_0123456789abcdef0123456789abcdef' >>"$debian/etc/wrapup/.env"
in_debian chown root:wrapup /etc/wrapup/.env
in_debian chmod 640 /etc/wrapup/.env
serve
expect test "$(stat_of /var/lib/wrapup/wrapup.db)" = "wrapup:wrapup 600"

echo "== upgrade"
in_debian chmod 700 /etc/wrapup # What a person chose stays.
in_debian chgrp root /etc/wrapup
forget
install /root/newer.deb
expect asked restart
expect test "$(stat_of /etc/wrapup)" = "root:root 700"
in_debian chgrp wrapup /etc/wrapup
in_debian chmod 750 /etc/wrapup
before=$(in_debian sha256sum /etc/wrapup/.env /var/lib/wrapup/api_token)
serve

echo "== remove"
forget
in_debian apt-get "${quiet[@]}" remove wrapup >/dev/null
expect asked stop
expect test ! -e "$debian/usr/bin/wrapup"
expect test -e "$debian/etc/wrapup/.env.example"

echo "== install again, purge"
install /root/newer.deb
serve
said=$(in_debian apt-get "${quiet[@]}" purge wrapup 2>&1)
printf '%s\n' "$said" | grep '^wrapup'
expect test ! -e "$debian/etc/wrapup/.env.example"
expect test ! -e "$debian/etc/systemd/system/multi-user.target.wants/wrapup.service"
expect test "$(in_debian sha256sum /etc/wrapup/.env /var/lib/wrapup/api_token)" = "$before"
expect in_debian getent passwd wrapup >/dev/null
expect test -s "$debian/var/lib/wrapup/wrapup.db"
echo "installed, run, upgraded, removed and purged as it should be"
