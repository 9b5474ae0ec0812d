import type { Fault } from '../../core/fault.js'
import type { Workspace } from '../../core/ports.js'
import { isCodeFile } from '../code/code-parse.js'
import { isInstalled } from '../code/code-place.js'
import { isTest, projectPath } from '../imports/import-path.js'

/** One place of the project that was on the stack when the error was thrown. */
export interface Frame {
  /** Relative to the root. */
  readonly path: string
  readonly line: number
  readonly column?: number
  /** In a file that people would call a test: it is read and never edited. */
  readonly isTest: boolean
}

const framesMax = 24
const linesMax = 20_000

/**
 * The frames of the project below an error, innermost first: where the fault says it happened, then what its evidence and
 * `output` show below the same message. Installed packages and the runtime are left out.
 */
export function framesOf(
  workspace: Workspace,
  fault: Fault,
  { message, output = '' }: { message: string; output?: string },
): readonly Frame[] {
  const { location } = fault
  const named = location?.line === undefined ? [] : [`at (${location.file}:${location.line}:${location.column ?? ''})`]
  const frames = new Map<string, Frame>()
  for (const line of [...stackBelow(fault.evidence, message), ...named, ...fault.evidence, ...stacksIn(output, message)]) {
    const frame = frameIn(workspace, line)
    if (frame === undefined || frames.size >= framesMax) continue
    const key = `${frame.path}:${frame.line}`
    const known = frames.get(key)
    if (known === undefined || (known.column === undefined && frame.column !== undefined)) frames.set(key, frame)
  }
  return [...frames.values()]
}

const place =
  /(?<file>(?:file:\/\/\/?)?(?:[A-Za-z]:[\\/])?[^\s:()'"<>|*?]{1,400}\.[cm]?[jt]sx?)(?::(?<line>\d{1,7}))(?::(?<column>\d{0,5}))?/

function frameIn(workspace: Workspace, text: string): Frame | undefined {
  const { file, line, column } = place.exec(text.slice(0, 1_000))?.groups ?? {}
  const path = file === undefined ? undefined : projectPath(workspace, file)
  if (path === undefined || line === undefined || isInstalled(path) || !isCodeFile(path)) return undefined
  if (workspace.stat(path)?.kind !== 'file') return undefined
  return { path, line: Number(line), ...(Number(column) > 0 && { column: Number(column) }), isTest: isTest(path) }
}

function stackBelow(lines: readonly string[], message: string): readonly string[] {
  const at = lines.findIndex((line) => line.includes(message))
  return at === -1 ? [] : lines.slice(at + 1).filter((line) => isFrame.test(line.trim()))
}

const isFrame = /^(?:at |❯ |.{0,200}\(.{1,400}:\d{1,7}:\d{1,7}\)$|[^\s()]{1,400}:\d{1,7}:\d{1,7}$)/u

/** The lines of stacks that follow the message, in the order of the output. */
function stacksIn(output: string, message: string): readonly string[] {
  const lines = output.split('\n', linesMax)
  const found: string[] = []
  for (const [index, line] of lines.entries()) {
    if (!line.includes(message) || found.length >= framesMax * 8) continue
    // Above an uncaught error V8 prints its file and line.
    found.push(
      ...lines
        .slice(Math.max(0, index - 5), index)
        .filter((above) => /^\S{1,400}:\d{1,7}$/.test(above.trim()))
        .toReversed(),
    )
    let misses = 0
    for (const below of lines.slice(index + 1, index + 30)) {
      if (isFrame.test(below.trim())) found.push(below)
      else if ((misses += 1) > 12) break
    }
  }
  return found
}
