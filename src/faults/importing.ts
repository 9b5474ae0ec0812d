import { posix } from 'node:path'
import type { Location } from '../core/fault.js'
import { lineAt } from './output.js'
import type { Draft, Sighting } from './rule.js'
import { withoutScheme } from './rule.js'
import { countedFromZero, placeBelow } from './place.js'
import { headerLocation, stackEnd, stackLocation } from './stack.js'

/**
 * Completes "module not found": which file imports it, and what the import says. Looks for the importer in the message,
 * the require stack, the lines a bundler adds, and the stack of calls.
 */
export function withImporter(draft: Draft, sighting: Sighting): Draft {
  const { output, index } = sighting
  const below = placeBelow(sighting)
  const place = sighting.line.includes('[ERROR]') ? countedFromZero(below) : below // esbuild
  const stack = requireStack(sighting)
  const frame = stackLocation(output, index)
  const header = headerLocation(output, index)
  const named = sighting.groups['importer']
  const importer = sourceOf(
    named === undefined
      ? (draft.location?.file ?? stack.importer ?? place?.file ?? frame?.file ?? ownFile(header))
      : withoutScheme(named),
  )
  const location =
    [draft.location, place, header, frame].find((candidate) => candidate !== undefined && sameFile(candidate.file, importer)) ??
    (importer === undefined ? undefined : { file: importer })
  const specifier = draft.details['specifier']
  return {
    ...draft,
    ...(asksForSettings(specifier, importer) && { category: 'configuration', code: 'ENOENT' }),
    location,
    details: {
      ...draft.details,
      ...(typeof specifier === 'string' ? specified(specifier, importer) : {}),
      importer,
    },
    lineLast: Math.max(stack.lineLast, stackEnd(output, index)),
  }
}

/** A tool that looks for its settings by importing them; nothing is to be installed. */
function asksForSettings(specifier: unknown, importer: string | undefined): boolean {
  return (
    typeof specifier === 'string' &&
    /[\\/][\w-]{1,60}\.config\.[cm]?[jt]s$/.test(specifier) &&
    (importer === undefined || /[\\/]node_modules[\\/]/.test(importer))
  )
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
  return (
    b === undefined ||
    a === b ||
    withoutScheme(a) === b ||
    a.endsWith(b.replace(/^\.\//, '/')) ||
    b.endsWith(a.replace(/^\.\//, '/'))
  )
}

function requireStack({ output, index }: Sighting): { readonly importer: string | undefined; readonly lineLast: number } {
  for (let at = index + 1; at < Math.min(output.lines.length, index + 4); at += 1) {
    if (!/^(?:Require stack:|Referenced from:)/.test(lineAt(output, at))) continue
    let last = at
    while (/^- \S/.test(lineAt(output, last + 1))) last += 1
    const first = /^- (\S.{0,500})$/.exec(lineAt(output, at + 1))?.[1]
    return { importer: first ?? (output.lines[at + 1] === '' ? undefined : output.lines[at + 1]), lineLast: Math.max(last, at) }
  }
  return { importer: undefined, lineLast: index }
}

/** Vite runs a configuration from a copy with a name of the moment. */
function sourceOf(file: string | undefined): string | undefined {
  if (file?.endsWith('babel-virtual-resolve-base.js') === true) return undefined
  return file
    ?.replace(/node_modules[\\/]\.vite-temp[\\/](.{1,200}?)\.timestamp-[\w-]{1,80}\.m?js$/, '$1')
    .replace(/(\.[cm]?[jt]s)\.timestamp-[\w-]{1,80}\.m?js$/, '$1')
}
