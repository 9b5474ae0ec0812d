import { lineAt, type Output } from './output.js'
import { frameOf, isForeign } from './stack.js'
import { reportAt } from './test-report.js'

const linesMax = 40

/**
 * Who threw a SyntaxError, if it was code that runs, a parser of the project for one, and not V8 or a compiler that reads a
 * file: the stack of their errors begins in a loader, that of a thrown one in the project, or in the built-in function that
 * the project called.
 */
function throwerOf(output: Output, index: number): 'project' | 'built-in' | undefined {
  let isBuiltIn = false
  for (let at = index + 1; at < Math.min(output.lines.length, index + linesMax); at += 1) {
    const line = lineAt(output, at)
    if (!/^(?:at |❯ )/u.test(line)) {
      if (/^(?:[\w.$]{0,80}Error(?: \[\w{1,40}\])?: |Node\.js v)/.test(line)) return undefined
      continue
    }
    const place = frameOf(line)
    if (place !== undefined) return isForeign(place) ? undefined : isBuiltIn ? 'built-in' : 'project'
    if (!/\((?:<|&lt;)anonymous>\)$|^at <Jasmine>$/.test(line)) return undefined
    isBuiltIn = true
  }
  return undefined
}

/**
 * Whether a SyntaxError is one that the program throws, on purpose or at what it was handed, not one of a file that cannot be
 * read. Of built-in functions that is believed within a test only, and of JSON.parse only where no file of JSON is named.
 */
export function isThrownByProgram(output: Output, index: number): boolean {
  const thrower = throwerOf(output, index)
  if (thrower !== 'built-in') return thrower === 'project'
  if (reportAt(output, index) === undefined) return false
  if (!/JSON/.test(`${lineAt(output, index)}${lineAt(output, index + 1)}`)) return true
  const near = output.lines.slice(Math.max(0, index - 3), index + 7)
  return !near.some((line) => /[\w-]\.(?:json[c5]?|webmanifest)\b/.test(line))
}
