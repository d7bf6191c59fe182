#!/bin/sh
# Boot a Debian of its own with real systemd, in namespaces of this machine, and take the package through its life there:
# install, start, watchdog, backup timers, a worker, an upgrade that fails, rollback, purge. Ends with a line for each thing seen.
#   debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus,python3 bookworm FOLDER      (once, as root)
#   make deb && sudo tests/systemd/booted.sh FOLDER dist/lapor-gateway_*.deb
# Needs root; touches nothing but FOLDER; what it started it ends.
set -eu

boot() { # inside the new namespaces: the folder becomes /, systemd becomes process 1
    mount --make-rprivate /
    mount --bind "$1" "$1"
    cd "$1"
    mount -t proc proc proc
    mount -t sysfs sysfs sys
    mount -t cgroup2 cgroup2 sys/fs/cgroup
    for folder in run tmp dev; do mount -t tmpfs -o mode=755 tmpfs $folder; done
    chmod 1777 tmp
    for device in null zero full random urandom tty; do touch dev/$device && mount --bind /dev/$device dev/$device; done
    mkdir -p dev/pts dev/shm old
    mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
    ln -s pts/ptmx dev/ptmx
    mount -t tmpfs tmpfs dev/shm
    ip link set lo up
    pivot_root . old
    cd /
    umount -l /old
    mount --make-rshared / # credentials reach a service by propagation
    exec env -i container=lapor PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --log-target=journal systemd.unit=multi-user.target
}

inside() { nsenter -t "$init" -m -p -u -i -n -C -- env --chdir=/ "$@"; }
seen() { echo "ok    $1"; }
want() { # SENTENCE COMMAND…: the command must succeed inside
    sentence=$1
    shift
    if inside "$@" >"$log" 2>&1; then seen "$sentence"; else cat "$log"; echo "FAIL  $sentence"; exit 1; fi
}
refuse() { # SENTENCE COMMAND…: the command must fail inside
    sentence=$1
    shift
    if inside "$@" >"$log" 2>&1; then cat "$log"; echo "FAIL  $sentence"; exit 1; else seen "$sentence"; fi
}
wait_for() { # SENTENCE SECONDS COMMAND…
    sentence=$1 left=$2
    shift 2
    until inside "$@" >"$log" 2>&1; do
        left=$((left - 1))
        [ $left -gt 0 ] || { cat "$log"; echo "FAIL  $sentence"; exit 1; }
        sleep 1
    done
    seen "$sentence"
}

[ "${1:-}" != --boot ] || boot "$2"
[ $# -eq 2 ] && [ "$(id -u)" = 0 ] || { sed -n '2,7s/^# *//p' "$0"; exit 2; }
root=$(readlink -f "$1") package=$2 log=$(mktemp)
cp "$package" "$root/package.deb"
unshare -m -p -f -u -i -n -C "$0" --boot "$root" 2>/dev/null &
trap 'kill -9 "$init" 2>/dev/null; wait; rm -f "$log" "$root/package.deb"' EXIT
sleep 1
init=$(cat "/proc/$!/task/$!/children")
init=${init% }
wait_for "systemd runs" 60 systemctl is-active --quiet multi-user.target

want "the package installs" dpkg -i /package.deb
release=$(inside readlink /opt/lapor-gateway/current)
release=${release##*/}
want "it says its version" lapor-gateway --version
want "the demo loses and doubles nothing" sh -c 'lapor-gateway demo --once | grep -q "lost 0, doubled 0"'
refuse "check says what is missing" lapor-gateway check
inside sh -c 'umask 077; echo token >/etc/lapor-gateway/secrets/core/token; lapor-gateway key >/etc/lapor-gateway/secrets/queue/key'
want "check says ok" lapor-gateway check
want "the target starts it, ready by its own word" systemctl enable --now lapor-gateway.target
wait_for "the gateway runs" 120 systemctl is-active --quiet lapor-gateway.service
want "both timers wait" systemctl is-active --quiet lapor-gateway-backup.timer lapor-gateway-verify.timer
want "status comes over the control socket" lapor-gateway status
want "no file in the journal's folder is root's" sh -c '[ -z "$(find /var/lib/lapor-gateway /var/lib/lapor-gateway-backup -user root)" ]'
if inside lapor-gateway journal backup --help >/dev/null 2>&1; then
    want "the backup's unit makes one" sh -c 'systemctl start lapor-gateway-backup && ls /var/lib/lapor-gateway-backup/journal-*.db'
    want "the other unit finds it sound" systemctl start lapor-gateway-verify
fi
inside sh -c 'kill -STOP $(systemctl show -P MainPID lapor-gateway)'
wait_for "a gateway that hangs is ended by the watchdog" 90 sh -c 'journalctl -u lapor-gateway | grep -q "result .watchdog"'
wait_for "and started again" 60 systemctl is-active --quiet lapor-gateway.service

inside sh -c 'mkdir -p /etc/lapor-worker /run/systemd/system/lapor-worker@.service.d
printf "[queue]\nredis = \"redis://127.0.0.1:1/0\"\n" >/etc/lapor-worker/gateway.toml
printf "[Service]\nEnvironment=LAPOR_CONFIG=/etc/lapor-worker\n" >/run/systemd/system/lapor-worker@.service.d/test.conf
systemctl daemon-reload'
want "a worker starts, ready by its own word" systemctl start lapor-worker@1
wait_for "it keeps its record" 60 sh -c '[ -e /var/lib/lapor-worker-1/record-1.db ]'
want "it has the two secrets it needs and no third" \
    sh -c '[ "$(nsenter -t $(systemctl show -P MainPID lapor-worker@1) -m ls /run/credentials/lapor-worker@1.service | tr "\n" " ")" = "core_token queue_key " ]'
refuse "its user cannot look into the journal's folder" \
    sh -c 'setpriv --reuid=$(stat -c %u /proc/$(systemctl show -P MainPID lapor-worker@1)) --clear-groups ls /var/lib/lapor-gateway'
want "it stops in order" systemctl stop lapor-worker@1

inside sh -c 'cd /opt/lapor-gateway/releases && cp -a $0 broken && sed -i "1s#/$0/#/broken/#" broken/bin/lapor-gateway
for file in broken/lib/*/site-packages/gateway/app.py; do echo "raise SystemExit(\"planted\")" >>$file; done' "$release"
refuse "a release that does not start is not kept" lapor-gateway-release activate broken
want "what ran before runs again" sh -c '[ "$(readlink /opt/lapor-gateway/current)" = releases/$0 ] && systemctl is-active lapor-gateway && lapor-gateway status' "$release"
inside sh -c 'cd /opt/lapor-gateway/releases && rm -r broken && cp -a $0 second && sed -i "1s#/$0/#/second/#" second/bin/lapor-gateway' "$release"
want "an upgrade runs" lapor-gateway-release activate second
want "of the new release" sh -c 'grep -q /second/ /proc/$(systemctl show -P MainPID lapor-gateway)/cmdline'
want "rollback is one command" lapor-gateway-release rollback
want "to the one before" sh -c 'grep -q /$0/ /proc/$(systemctl show -P MainPID lapor-gateway)/cmdline' "$release"
want "the package installs over itself" sh -c 'dpkg -i /package.deb 2>&1 | tee /dev/stderr | grep -c "Directory not empty" | grep -qx 0 && systemctl is-active lapor-gateway'

want "removed, the program is gone" sh -c 'dpkg -r lapor-gateway && [ ! -e /opt/lapor-gateway ] && ! systemctl is-active lapor-gateway'
want "and the journal and the secrets are there" sh -c '[ -s /var/lib/lapor-gateway/journal.db ] && [ -s /etc/lapor-gateway/secrets/master/key ]'
want "purged, nothing is left" sh -c 'dpkg --purge lapor-gateway && ! ls -d /opt/lapor* /var/lib/lapor* /var/lib/private/lapor* /etc/lapor-gateway /etc/systemd/system/lapor* /etc/systemd/system/*/lapor*'
inside rm -r /etc/lapor-worker
echo "everything seen"
