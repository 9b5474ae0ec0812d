import type { Walled } from './sandbox-walls.js'

/**
 * A command behind walls made with `unshare`, `mount`, `pivot_root` and `setpriv` of util-linux, and `ip` for the loopback address:
 * the same walls as those of bubblewrap, for machines without it. The shell gets a fixed script; paths and the command are its
 * arguments, never part of its text.
 */
export function unshareCommand(
  { command, cwd, view, install, privateTmp, newRoot }: Walled,
  { user, group }: { readonly user: number; readonly group: number } = {
    user: process.getuid?.() ?? 0,
    group: process.getgid?.() ?? 0,
  },
): readonly string[] {
  const network = install ? [] : ['--net']
  return [
    'unshare',
    ...['--user', '--map-root-user', '--mount', '--pid', '--fork', '--kill-child', '--ipc', '--uts', ...network],
    ...['--', '/bin/sh', '-eu', '-c', script, 'homeostat'],
    ...[newRoot, String(user), String(group), install ? 'host' : 'none', cwd],
    ...['/tmp', '/var/tmp'].flatMap((at) => ['write', privateTmp, at]),
    ...view.links.flatMap(([path, text]) => ['link', text, path]),
    ...[...view.readable, ...(install ? [] : view.caches)].flatMap(({ path, kind, from = path }) => [
      kind === 'file' ? 'read-file' : 'read',
      from,
      path,
    ]),
    ...['seal', '', ''],
    ...(install ? view.caches : []).flatMap(({ path }) => ['write', path, path]),
    ...['write', view.base, view.base],
    ...['--', ...command],
  ]
}

/*
 * Runs as root of a new user namespace, and as process 1 of a new process namespace. It builds a root folder in memory, moves into
 * it and lets go of the old one. Whatever fails ends it, before the command has run. A read-only mount does not cover the mounts
 * inside it, so each of them is made read-only too, with the flags that it has: the kernel lets nobody take those away. What is
 * written in /proc/sys changes the machine, and the machine's root may write it without any capability: it is made read-only as
 * well. The command gets a second user namespace: it owns nothing of the first one, so it cannot undo a mount, and is the user that it was outside.
 */
const script = `
path=$PATH
PATH=/usr/sbin:/usr/bin:/sbin:/bin:$PATH
root=$1 user=$2 group=$3 network=$4 folder=$5
shift 5
if [ "$network" = none ]; then ip link set lo up; fi
mount -t tmpfs -o mode=0755 tmpfs "$root"

seal() {
  while read -r _ _ _ _ at flags _; do
    case $at in *\\\\*) at=$(printf '%b' "$at") ;; esac
    case $at in
      "$root" | "$root/tmp" | "$root/var/tmp") ;;
      "$root"/*) mount -o "remount,bind,$flags,ro" "$at" ;;
    esac
  done < /proc/self/mountinfo
}
while [ "$1" != -- ]; do
  at=$root$3
  [ -d "\${at%/*}" ] || mkdir -p "\${at%/*}"
  case $1 in
    link) ln -s "$2" "$at" ;;
    read-file) : > "$at"; mount --bind "$2" "$at" ;;
    read) mkdir -p "$at"; mount --rbind "$2" "$at" ;;
    seal) seal ;;
    write) mkdir -p "$at"; mount --rbind "$2" "$at" ;;
  esac
  shift 3
done
shift

mkdir "$root/proc" "$root/dev" "$root/.old"
mount -t proc proc "$root/proc"
for name in sys sysrq-trigger irq bus fs; do
  if [ -e "$root/proc/$name" ]; then
    mount --bind "$root/proc/$name" "$root/proc/$name"
    mount -o remount,bind,ro "$root/proc/$name"
  fi
done
mount -t tmpfs -o mode=0755 tmpfs "$root/dev"
for name in null zero full random urandom tty; do
  : > "$root/dev/$name"
  mount --bind "/dev/$name" "$root/dev/$name"
done
mkdir "$root/dev/shm" "$root/dev/pts"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
ln -s fd/0 "$root/dev/stdin"
ln -s fd/1 "$root/dev/stdout"
ln -s fd/2 "$root/dev/stderr"

cd "$root"
pivot_root . .old
umount -l /.old
rmdir /.old
mount -o remount,bind,ro /dev
mount -o remount,bind,ro /
cd "$folder"

unshare=$(command -v unshare) setpriv=$(command -v setpriv)
drop=--no-new-privs
if [ "$user" = 0 ]; then drop='--no-new-privs --bounding-set=-all --inh-caps=-all'; fi
PATH=$path
code=0
# The shell itself would say how the command died, among what the command says.
exec 3>&2 2>/dev/null
(exec "$unshare" --user --map-user="$user" --map-group="$group" -- "$setpriv" $drop -- "$@" 2>&3 3>&-) || code=$?
exit "$code"
`
