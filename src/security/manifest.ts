import type { AuditedFile } from './audited-file.js'
import type { Side } from './side.js'

/** One named value of a manifest. */
export interface ManifestEntry {
  /** The table it stands in: `dependencies`, `scripts`, or `''` for the top. `undefined` where only lines are known. */
  readonly table: string | undefined
  readonly name: string
  readonly value: string
}

/** An entry that a patch adds or gives another value. */
export interface ChangedEntry extends ManifestEntry {
  /** The value before; absent: there was no such entry. */
  readonly was?: string
  readonly line: number
}

/** Whether a file is a manifest of npm. */
function isManifest(path: string): boolean {
  return /(?:^|\/)package\.json$/.test(path)
}

/**
 * The entries of `package.json` that a patch adds or changes. Where a side does not parse or is not whole, its lines are read
 * instead, and what stands in the damaged text in any spelling counts as known: a repair adds nothing.
 */
export function changedEntries(file: AuditedFile): readonly ChangedEntry[] {
  if (!isManifest(file.path) || file.after === undefined) return []
  const known = remembered.get(file)
  if (known !== undefined) return known
  const entries = readChanges(file, file.after)
  remembered.set(file, entries)
  return entries
}

/** Several rules ask about one file. */
const remembered = new WeakMap<AuditedFile, readonly ChangedEntry[]>()

function readChanges(file: AuditedFile, side: Side): readonly ChangedEntry[] {
  const after = side.whole ? parsedEntries(side.text) : undefined
  const before = file.before === undefined ? [] : file.before.whole ? parsedEntries(file.before.text) : undefined
  if (after !== undefined && before !== undefined) return compare(before, after, side)
  return fromLines(file)
}

/** Names of packages that the manifest named before, and still does: one that the patch takes out vouches for no other. */
export function knownPackages({ before, after }: AuditedFile): readonly string[] {
  const left = after === undefined ? undefined : packagesIn(after.text)
  const known = before === undefined ? [] : (packagesIn(before.text) ?? [])
  return left === undefined ? known : known.filter((name) => left.includes(name))
}

function packagesIn(text: string): readonly string[] | undefined {
  return parsedEntries(text)
    ?.filter((entry) => isDependencyTable(entry.table))
    .map((entry) => entry.name)
}

/** Whether the table names packages to install; with only lines known, whether the value looks like a version or a source. */
export function isDependency(entry: ManifestEntry): boolean {
  if (entry.table !== undefined) return isDependencyTable(entry.table)
  return (
    /^(?:[@a-z0-9][\w./@-]*)$/i.test(entry.name) &&
    !['version', 'node', 'npm', 'pnpm', 'yarn', 'main', 'name', 'type'].includes(entry.name) &&
    /^(?:[\^~<>=]{0,2}\s*v?\d+(?:\.[\dx*]+){0,2}|\*|latest$|next$|workspace:|npm:|file:|link:|git[+:]|https?:|github:)/.test(
      entry.value,
    )
  )
}

function isDependencyTable(table: string | undefined): boolean {
  return table !== undefined && /^(?:dev|peer|optional)?[dD]ependencies$/.test(table)
}

function parsedEntries(text: string): readonly ManifestEntry[] | undefined {
  const manifest = parseObject(text)
  if (manifest === undefined) return undefined
  const entries: ManifestEntry[] = []
  for (const [name, value] of Object.entries(manifest)) {
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      for (const [inner, content] of Object.entries(value)) entries.push({ table: name, name: inner, value: asText(content) })
    else entries.push({ table: '', name, value: asText(value) })
  }
  return entries
}

function parseObject(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text.replace(/^\ufeff/, ''))
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined // Not JSON: read by its lines instead.
  }
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}

function compare(before: readonly ManifestEntry[], after: readonly ManifestEntry[], side: Side): readonly ChangedEntry[] {
  const old = new Map(before.map((entry) => [idOf(entry), entry.value]))
  // A package that only moves from one table to another is not new.
  const tables = new Map(before.filter((entry) => isDependencyTable(entry.table)).map((entry) => [entry.name, entry.value]))
  return after.flatMap((entry) => {
    const was = old.get(idOf(entry)) ?? (isDependencyTable(entry.table) ? tables.get(entry.name) : undefined)
    if (was === entry.value) return []
    return [{ ...entry, line: lineOf(side, entry), ...(was !== undefined && { was }) }]
  })
}

function idOf({ table, name }: ManifestEntry): string {
  return `${table ?? ''}\n${name}`
}

function lineOf(side: Side, { name }: ManifestEntry): number {
  const quoted = JSON.stringify(name)
  let at = side.text.indexOf(quoted)
  for (let next = at; next >= 0; next = side.text.indexOf(quoted, next + 1)) {
    if (!side.touches(next, next + quoted.length)) continue
    at = next
    break
  }
  return at < 0 ? 1 : side.lineAt(at)
}

const pair = /["']?([@\w][\w@./:-]{0,213})["']?\s{0,20}:\s{0,20}["']([^"'\n]{0,1000})["']/g

function fromLines(file: AuditedFile): readonly ChangedEntry[] {
  const old = file.before?.text ?? ''
  const removed = new Map(file.removed.flatMap(({ text }) => pairsOf(text)).map((entry) => [entry.name, entry.value]))
  return file.added.flatMap(({ line, text }) =>
    pairsOf(text).flatMap((entry) => {
      if (old.includes(entry.name) && old.includes(entry.value)) return []
      const was = removed.get(entry.name)
      return [{ ...entry, line, ...(was !== undefined && { was }) }]
    }),
  )
}

function pairsOf(text: string): readonly ManifestEntry[] {
  return Array.from(text.slice(0, 20_000).matchAll(pair), ([, name = '', value = '']) => ({ table: undefined, name, value }))
}
