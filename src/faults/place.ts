import type { Location } from '../core/fault.js'
import { lineAt } from './output.js'
import { locationOf, placeOf, type Sighting } from './rule.js'

/** Where to look: the output, and the line that was matched. */
type Spot = Pick<Sighting, 'output' | 'index'>

/** For tools whose columns count from 0. */
export function countedFromZero(location: Location | undefined): Location | undefined {
  if (location?.line === undefined) return location
  return { ...location, column: (location.column ?? 0) + 1 }
}

const placeAlone =
  /^(?:(?:-->|→|›|,-\[|╭─\[|╭─+\[|┌─)\s{0,3}|file: )?(?:file:\/\/)?(?<file>(?:[A-Za-z]:(?=[\\/]))?[^\s:()[\]'"*?<>|]{1,400}?\.[A-Za-z]{1,6})(?::(?<line>\d{1,7}))?(?::(?<column>\d{1,7}))?\s?[:\]]?(?:\s─+)?$/u

/** The first line below that is only a place: how bundlers and compilers of the younger kind show it. */
export function placeBelow({ output, index }: Spot): Location | undefined {
  for (let at = index + 1; at < Math.min(output.lines.length, index + 8); at += 1) {
    const line = lineAt(output, at)
    if (/^- /.test(line)) continue
    if (/^(?:at |✘ |\[|error)/u.test(line) && !/^at (?:file:|\/)\S+$/.test(line)) return undefined
    const match = placeAlone.exec(line.replace(/^at /, ''))
    if (match === null) continue
    const location = placeOf(match)
    return line.startsWith('file:') ? countedFromZero(location) : location // Rollup's own form
  }
  return undefined
}

/** The nearest line above that is only a place, or starts with one: `ERROR in ./src/a.js 3:7-20`. */
export function placeAbove({ output, index }: Spot): Location | undefined {
  for (let at = index - 1; at >= Math.max(0, index - 8); at -= 1) {
    const line = lineAt(output, at)
    const inFile =
      /^(?:ERROR|WARNING|error|Error) in (?<file>\S{0,2}[\\/][^\s:()]{1,400})(?:[ :(](?<line>\d{1,7})[:,](?<column>\d{1,7}))?/.exec(
        line,
      )
    if (/^ERROR in /.test(line) && inFile === null) return undefined
    if (inFile !== null) return countedFromZero(placeOf(inFile))
    const match = placeAlone.exec(line)
    if (match !== null) return placeOf(match)
  }
  return undefined
}

/** ESLint's stylish format: the file stands alone above its messages. */
export function fileHeader({ output, index }: Spot): string | undefined {
  for (let at = index - 1; at >= Math.max(0, index - 200); at -= 1) {
    const raw = output.raw[at] ?? ''
    if (raw === '') return undefined
    if (/^\S/.test(raw)) return raw.length > 500 ? undefined : raw.trim()
  }
  return undefined
}

/** `╭─[ src/a.js:3:7 ]`, `,-[src/a.js:3:7]`. */
export function boxPlace({ output, index }: Spot): Location | undefined {
  for (let at = index; at < Math.min(output.lines.length, index + 6); at += 1) {
    const match = /(?:╭─+|,-|┌─+|,--)\[? ?(?<file>[^\s\]:]{1,500}):(?<line>\d{1,7}):(?<column>\d{1,7})/u.exec(lineAt(output, at))
    if (match === null) continue
    // swc gives the start of the lines it shows, not the column of the error.
    const column = /,-/.test(match[0]) ? undefined : match.groups?.['column']
    return locationOf(match.groups?.['file'], match.groups?.['line'], column)
  }
  return undefined
}

/** `src/a.js (3:7)`, as Rollup says it. */
export function bracketPlace({ output, index }: Spot): Location | undefined {
  for (let at = index; at < Math.min(output.lines.length, index + 4); at += 1) {
    const match = /(?<file>[^\s():]{1,500}\.[A-Za-z]{1,6}) ?\((?<line>\d{1,7}):(?<column>\d{1,7})\)/.exec(lineAt(output, at))
    if (match !== null) return placeOf(match)
  }
  return undefined
}

/** The first word of a text that looks like a file of some kind; a word ends at space, quote, bracket, comma or colon. */
export function fileNamed(text: string, kind: RegExp): string | undefined {
  // The colon of a Windows drive is part of the word.
  for (const match of text.matchAll(/(?:\b[A-Za-z]:(?=[\\/]))?[^\s"'`:(),]+/g)) {
    const word = match[0].replace(/\.$/, '')
    if (kind.test(word.slice(-100))) return word.slice(0, 500)
  }
  return undefined
}
