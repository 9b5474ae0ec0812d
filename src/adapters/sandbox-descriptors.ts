import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The open descriptors above 2 that a child of this process would inherit. Node opens its own so that no child does; what is left
 * are those that this process has itself inherited, such as a folder that a shell left open: a way round every wall. Empty
 * where the system does not tell.
 *
 * @param folder - What describes the descriptors, as proc(5) has it.
 */
export function inheritedDescriptors(folder = '/proc/self/fdinfo'): readonly number[] {
  try {
    return readdirSync(folder)
      .map(Number)
      .filter((descriptor) => descriptor > 2 && survivesExec(join(folder, String(descriptor))))
  } catch {
    // Only Linux has the folder.
    return []
  }
}

/** O_CLOEXEC of Linux on every processor that Node runs on, in `flags`, which is octal. */
const closedOnExec = 0o2000000

function survivesExec(path: string): boolean {
  try {
    const flags = /^flags:\s+([0-7]+)$/m.exec(readFileSync(path, 'utf8'))?.[1]
    return flags !== undefined && (Number.parseInt(flags, 8) & closedOnExec) === 0
  } catch {
    // The one that listed the folder is closed by now.
    return false
  }
}
