import type { Location } from '../core/fault.js'
import { lineAt, oncePerOutput, type Output } from './output.js'
import { locationOf, placeOf } from './rule.js'

/** How far below an error its stack is looked for, and how many frames are read. */
const linesMax = 60

/** A path in round brackets may hold spaces; one that stands alone may not, for the name of a function may be before it. */
const frames: readonly RegExp[] = [
  /\((?<file>(?:file:\/\/)?[^():*?"<>|][^()*?"<>|]{0,400}?\.[A-Za-z]{1,6}):(?<line>\d{1,7}):(?<column>\d{1,7})\)(?: \{)?$/,
  /(?:^|\s)(?<file>(?:file:\/\/|[A-Za-z]:(?=[\\/]))?[^\s():*?"<>|]{1,400}?\.[A-Za-z]{1,6}):(?<line>\d{1,7}):(?<column>\d{1,7})(?: \{)?$/,
]
/** Node prints a second stack for the place where an error event was emitted. */
const betweenStacks = /^Emitted 'error' event/
/** The message of another error: the stack below is its own. */
const anotherError = /^(?:Uncaught )?[\w.$]{0,80}(?:Error|Exception)(?: \[\w{1,60}\])?: /
const isFrame = /^(?:at |❯ )/u
const foreign = /(?:^|[\\/])node_modules[\\/]|^node:|^(?:internal|ext|native)[\\/:]/

/** The first place of the project in the stack below a line; places in installed packages and in the runtime do not count. */
export function stackLocation(output: Output, index: number): Location | undefined {
  const end = Math.min(output.lines.length, index + linesMax)
  const { frameFrom, errorFrom } = landmarks(output)
  const first = frameFrom[index + 1] ?? end
  if (first >= end || (errorFrom[index + 1] ?? end) < first) return undefined
  for (let at = first; at < end; at += 1) {
    const line = lineAt(output, at)
    if (!isFrame.test(line)) {
      if (anotherError.test(line) || (line !== '' && !betweenStacks.test(line))) break
      continue
    }
    const location = frameOf(line)
    if (location !== undefined && !isForeign(location)) return location
  }
  return undefined
}

/** For each line, at or below it, the next frame and the next error: many errors of an output have no stack at all. */
const landmarks = oncePerOutput(({ lines }) => {
  const frameFrom = new Int32Array(lines.length + 1).fill(lines.length)
  const errorFrom = new Int32Array(lines.length + 1).fill(lines.length)
  for (let at = lines.length - 1; at >= 0; at -= 1) {
    const line = lines[at] ?? ''
    frameFrom[at] = isFrame.test(line) ? at : (frameFrom[at + 1] ?? at)
    errorFrom[at] = anotherError.test(line) ? at : (errorFrom[at + 1] ?? at)
  }
  return { frameFrom, errorFrom }
})

/** The place that one line of a stack names. */
export function frameOf(line: string): Location | undefined {
  return placeOf(frames.map((frame) => frame.exec(line)).find((found) => found !== null))
}

/** Whether a place is in an installed package or in the runtime, not in the project. */
export function isForeign({ file }: Location): boolean {
  return foreign.test(file)
}

/**
 * What V8 prints above an uncaught error: `file:line`, the source line, and a caret under the place. The caret gives the
 * column.
 */
export function headerLocation(output: Output, index: number): Location | undefined {
  let caret: string | undefined
  for (let at = index - 1; at >= Math.max(0, index - 8); at -= 1) {
    const line = (output.raw[at] ?? '').replace(/^\s*# /, '') // node:test in TAP
    if (caret === undefined && /^\s*\^+\s*$/.test(line)) caret = line
    const match = /^(?<file>(?:file:\/\/)?(?:\/|[A-Za-z]:[\\/]|[\w@.-])[^:*?"<>|]{0,400}):(?<line>\d{1,7})$/.exec(line.trim())
    if (match === null) continue
    const column = caret === undefined ? undefined : String(caret.indexOf('^') + 1)
    return locationOf(match.groups?.['file'], match.groups?.['line'], column)
  }
  return undefined
}

/**
 * The last line that belongs to the error on a line: its stack, and the block of properties that Node prints after it
 * between braces, with the errors that caused it.
 */
export function stackEnd(output: Output, index: number): number {
  let last = index
  for (let at = index + 1; at < Math.min(output.lines.length, index + linesMax); at += 1) {
    const line = lineAt(output, at)
    if (isFrame.test(line)) last = at
    else if (anotherError.test(line)) break
    else if (!betweenStacks.test(line) && (last > index || at > index + 6 || line === '')) break
  }
  return blockEnd(output, last, indentOf(output.raw[index]))
}

function blockEnd(output: Output, start: number, indent: number): number {
  if (!/\{$/.test(lineAt(output, start))) return start
  for (let at = start + 1; at < Math.min(output.lines.length, start + linesMax); at += 1) {
    if (/^[}\]]+[,;]?$/.test(lineAt(output, at)) && indentOf(output.raw[at]) <= indent) return at
  }
  return start
}

function indentOf(line = ''): number {
  return line.length - line.trimStart().length
}
