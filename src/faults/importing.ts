import { posix } from 'node:path'
import type { Location } from '../core/fault.js'
import type { Draft, Sighting } from './rule.js'
import { locationOf, withoutScheme } from './rule.js'
import { headerLocation, stackEnd, stackLocation } from './stack.js'

/**
 * Completes "module not found": which file imports it, and what the import says. Looks for the importer in the message,
 * the require stack, the lines a bundler adds, and the stack of calls.
 */
export function withImporter(draft: Draft, sighting: Sighting): Draft {
  const { output, index } = sighting
  const place = placeBelow(sighting)
  const stack = requireStack(sighting)
  const frame = stackLocation(output, index)
  const header = headerLocation(output, index)
  const named = sighting.groups['importer']
  const importer = named === undefined ? (stack.importer ?? place?.file ?? draft.location?.file ?? frame?.file ?? ownFile(header)) : withoutScheme(named)
  const location = [draft.location, place, header, frame].find((candidate) => candidate !== undefined && sameFile(candidate.file, importer)) ?? (importer === undefined ? undefined : { file: importer })
  const specifier = draft.details['specifier']
  return {
    ...draft,
    location,
    details: {
      ...draft.details,
      ...(typeof specifier === 'string' ? specified(specifier, importer) : {}),
      ...(importer === undefined ? {} : { importer }),
    },
    lineLast: Math.max(stack.lineLast, stackEnd(output, index)),
  }
}

/** What the import says. Node prints the resolved path of a relative import: it is made relative again. */
function specified(printed: string, importer: string | undefined): Record<string, string> {
  const specifier = withoutScheme(printed)
  if (importer === undefined || !isAbsolute(specifier) || !isAbsolute(importer)) return { specifier }
  const relative = posix.relative(posix.dirname(importer.replaceAll('\\', '/')), specifier.replaceAll('\\', '/'))
  return { specifier: relative.startsWith('.') ? relative : `./${relative}`, path: specifier }
}

function isAbsolute(path: string): boolean {
  return path.startsWith('/') || /^[A-Za-z]:[\\/]/.test(path)
}

function ownFile(location: Location | undefined): string | undefined {
  return location === undefined || location.file.startsWith('node:') ? undefined : location.file
}

function sameFile(a: string, b: string | undefined): boolean {
  return b === undefined || a === b || withoutScheme(a) === b || a.endsWith(b.replace(/^\.\//, '/')) || b.endsWith(a.replace(/^\.\//, '/'))
}

function requireStack({ output, index }: Sighting): { readonly importer: string | undefined; readonly lineLast: number } {
  for (let at = index + 1; at < Math.min(output.lines.length, index + 4); at += 1) {
    if (!/^(?:Require stack:|Referenced from:)/.test(output.lines[at] ?? '')) continue
    let last = at
    while (/^- \S/.test(output.lines[last + 1] ?? '')) last += 1
    const first = /^- (\S.{0,500})$/.exec(output.lines[at + 1] ?? '')?.[1]
    return { importer: first ?? (output.lines[at + 1] === '' ? undefined : output.lines[at + 1]), lineLast: Math.max(last, at) }
  }
  return { importer: undefined, lineLast: index }
}

const placeAlone = /^(?:(?:-->|→|,-\[|╭─\[|╭─+\[|┌─|file:)\s?)?(?<file>[^\s:()[\]'"*?<>|][^:()[\]'"*?<>|]{0,400}?\.[A-Za-z]{1,6})(?::(?<line>\d{1,7}))?(?::(?<column>\d{1,7}))?\s?[:\]]?(?:\s─+)?$/u

/** The first line below that is only a place: how bundlers and compilers of the younger kind show it. */
export function placeBelow({ output, index }: Pick<Sighting, 'output' | 'index'>): Location | undefined {
  for (let at = index + 1; at < Math.min(output.lines.length, index + 8); at += 1) {
    const line = output.lines[at] ?? ''
    if (/^(?:at |✘ |\[|error)/u.test(line) && !/^at (?:file:|\/)\S+$/.test(line)) return undefined
    const match = placeAlone.exec(line.replace(/^at /, ''))
    if (match !== null) return locationOf(match.groups?.['file'], match.groups?.['line'], match.groups?.['column'])
  }
  return undefined
}

/** The nearest line above that is only a place, or starts with one: `ERROR in ./src/a.js 3:7-20`. */
export function placeAbove({ output, index }: Pick<Sighting, 'output' | 'index'>): Location | undefined {
  for (let at = index - 1; at >= Math.max(0, index - 8); at -= 1) {
    const line = output.lines[at] ?? ''
    const match = /^(?:ERROR|WARNING|error|Error) in (?<file>[^\s:()]{1,400})(?:[ :(](?<line>\d{1,7})[:,](?<column>\d{1,7}))?/.exec(line) ?? placeAlone.exec(line)
    if (match !== null) return locationOf(match.groups?.['file'], match.groups?.['line'], match.groups?.['column'])
  }
  return undefined
}
