import type { Location } from '../core/fault.js'
import type { Output } from './output.js'
import { locationOf } from './rule.js'

/** How far below an error its stack is looked for, and how many frames are read. */
const linesMax = 60

const frame = /^(?:at |❯ |@)?(?:[^()]{0,400}\()?(?<file>(?:file:\/\/|\/|[A-Za-z]:[\\/]|\.{0,2}[\w@-])[^():*?"<>|]{1,400}?\.[A-Za-z]{1,6}):(?<line>\d{1,7}):(?<column>\d{1,7})\)?/u
const isFrame = /^(?:at |❯ )/u
const foreign = /node_modules|^node:|[(/]internal\/|<anonymous>|\.(?:min|bundle)\.js$/

/** The first place of the project in the stack below a line; a place in a package only when there is no other. */
export function stackLocation(output: Output, index: number): Location | undefined {
  let fallback: Location | undefined
  let seen = false
  for (let at = index + 1; at < Math.min(output.lines.length, index + linesMax); at += 1) {
    const line = output.lines[at] ?? ''
    if (!isFrame.test(line)) {
      if (seen && line !== '') break
      continue
    }
    seen = true
    const match = frame.exec(line)
    const location = locationOf(match?.groups?.['file'], match?.groups?.['line'], match?.groups?.['column'])
    if (location === undefined) continue
    if (!foreign.test(line)) return location
    fallback ??= location
  }
  return fallback
}

/**
 * What V8 prints above an uncaught error: `file:line`, the source line, and a caret under the place. The caret gives the
 * column.
 */
export function headerLocation(output: Output, index: number): Location | undefined {
  let caret: string | undefined
  for (let at = index - 1; at >= Math.max(0, index - 8); at -= 1) {
    const line = output.raw[at] ?? ''
    if (caret === undefined && /^\s*\^+\s*$/.test(line)) caret = line
    const match = /^(?<file>(?:file:\/\/)?(?:\/|[A-Za-z]:[\\/]|[\w@.-])[^:*?"<>|]{0,400}):(?<line>\d{1,7})$/.exec(line.trim())
    if (match === null) continue
    const column = caret === undefined ? undefined : String(caret.indexOf('^') + 1)
    return locationOf(match.groups?.['file'], match.groups?.['line'], column)
  }
  return undefined
}

/** The last line of the stack below a line, so that its frames are not read again. */
export function stackEnd(output: Output, index: number): number {
  let last = index
  for (let at = index + 1; at < Math.min(output.lines.length, index + linesMax); at += 1) {
    const line = output.lines[at] ?? ''
    if (!isFrame.test(line)) {
      if (last > index || at > index + 6) break
      continue
    }
    last = at
  }
  return last
}
