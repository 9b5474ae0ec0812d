import type { Walled } from './sandbox-walls.js'

/**
 * A command behind the walls of bubblewrap, which must be 0.4 or later: namespaces of its own for users, processes, files, network
 * and the rest, no capabilities, no new privileges (https://github.com/containers/bubblewrap, bwrap(1)).
 */
export function bubblewrapCommand({ command, cwd, view, install, privateTmp }: Walled): readonly string[] {
  const args = ['--unshare-user', '--unshare-ipc', '--unshare-pid', '--unshare-uts', '--unshare-cgroup-try']
  if (!install) args.push('--unshare-net')
  args.push('--die-with-parent', '--cap-drop', 'ALL')
  args.push('--proc', '/proc', '--dev', '/dev')
  // Measured on 0.8: called by the machine's root, it leaves /proc/sys writable, and a write there changes the machine.
  for (const name of guarded) args.push('--ro-bind-try', `/proc/${name}`, `/proc/${name}`)
  // Before what may lie in it.
  for (const at of ['/tmp', '/var/tmp']) args.push('--bind', privateTmp, at)
  for (const [path, text] of view.links) args.push('--symlink', text, path)
  for (const { path, from = path } of view.readable) args.push('--ro-bind', from, path)
  for (const { path } of view.caches) args.push(install ? '--bind' : '--ro-bind', path, path)
  args.push('--bind', view.base, view.base, '--remount-ro', '/', '--chdir', cwd)
  return ['bwrap', ...args, '--', ...command]
}

const guarded = ['sys', 'sysrq-trigger', 'irq', 'bus', 'fs']
