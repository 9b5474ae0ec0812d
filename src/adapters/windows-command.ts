import { win32 } from 'node:path'
import { HomeostatError } from '../core/errors.js'

/** What to start, and whether the arguments are already quoted. */
export interface Invocation {
  readonly file: string
  readonly args: readonly string[]
  readonly verbatim: boolean
}

/**
 * How Windows starts a command. It can start `.exe` files only; npm, npx and every installed tool are `.cmd` files, which Node
 * rightly refuses to start without a shell, because `cmd.exe` reads their arguments again. So names are looked up here, as
 * `cmd.exe` does (folder first, then PATH, each extension of PATHEXT), and a batch file is handed to `cmd.exe` with arguments in
 * double quotes. There is no sound way to quote `"`, `%`, `!` or a line break for it: a command with one of them is refused.
 *
 * @param isFile - Whether there is a file at this absolute path.
 * @throws HS_INPUT_INVALID when an argument cannot be handed to a batch file safely.
 */
export function windowsInvocation(
  command: readonly [string, ...(readonly string[])],
  {
    env,
    cwd,
    isFile,
  }: { readonly env: Readonly<Record<string, string>>; readonly cwd: string; readonly isFile: (path: string) => boolean },
): Invocation {
  const [name, ...args] = command
  const file = locate(name, {
    folders: [cwd, ...valueOf(env, 'PATH').split(';')],
    extensions: valueOf(env, 'PATHEXT') || '.COM;.EXE;.BAT;.CMD',
    cwd,
    isFile,
  })
  if (file === undefined || !/\.(?:bat|cmd)$/i.test(file)) return { file: file ?? name, args, verbatim: false }
  const unsafe = [file, ...args].find((word) => /["%!\r\n\0]/.test(word))
  if (unsafe !== undefined) {
    throw new HomeostatError('HS_INPUT_INVALID', {
      what: `the command "${name}"`,
      reason: 'it is a batch file, and a word with ", %, ! or a line break cannot be handed to it safely',
    })
  }
  // A backslash before the closing quote would quote the quote for the program behind the batch file.
  const quoted = [file, ...args].map((word) => `"${word.replace(/\\+$/, (slashes) => slashes + slashes)}"`)
  const system = valueOf(env, 'SYSTEMROOT')
  return {
    file: system === '' ? 'cmd.exe' : win32.join(system, 'System32', 'cmd.exe'),
    args: ['/d', '/s', '/v:off', '/c', `"${quoted.join(' ')}"`],
    verbatim: true,
  }
}

interface Lookup {
  readonly folders: readonly string[]
  readonly extensions: string
  readonly cwd: string
  readonly isFile: (path: string) => boolean
}

function locate(name: string, { folders, extensions, cwd, isFile }: Lookup): string | undefined {
  const places = /[\\/]/.test(name) ? [cwd] : folders.filter((folder) => folder !== '')
  const suffixes = win32.extname(name) === '' ? extensions.split(';') : ['', ...extensions.split(';')]
  for (const place of places) {
    for (const suffix of suffixes) {
      const path = win32.resolve(cwd, place, name + suffix)
      if (isFile(path)) return path
    }
  }
  return undefined
}

/** Names of the environment have no case on Windows. */
function valueOf(env: Readonly<Record<string, string>>, name: string): string {
  return Object.entries(env).find(([key]) => key.toUpperCase() === name)?.[1] ?? ''
}
