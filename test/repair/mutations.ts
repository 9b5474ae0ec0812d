import { readdirSync, readFileSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse, type ParserOptions } from '@babel/parser'
import { createTestWorld } from '../../src/testing/test-world.js'
import { parserFor } from '../../src/repair/code/code-parse.js'
import { repairCode } from '../../src/repair/code/code-syntax.js'
import { repairJson } from '../../src/repair/json/json-syntax.js'
import { codeMutations, type SoundToken } from './code-mutations.js'
import { jsonMutations } from './json-mutations.js'

/** How often breaking and repairing real files gave something valid, and the original again. */
export interface MutationReport {
  readonly count: number
  /** Ratios, 0..1. */
  readonly valid: number
  readonly exactFirst: number
  readonly exactInThree: number
  readonly exactInTen: number
  /** One line for each kind of damage. */
  readonly table: readonly string[]
}

interface Case {
  readonly kind: string
  /** Place of the original among the candidates; -1 when it is not there. */
  readonly place: number
  readonly candidates: number
  readonly durationMs: number
}

const root = fileURLToPath(new URL('../../', import.meta.url))

/** How much is measured. */
export interface Measure {
  /** How often real files are broken in each way. */
  readonly perKind: number
  readonly seed: number
  /** Longer files are left out, in bytes. */
  readonly sizeBytesMax: number
}

/** Breaks manifests of installed packages and repairs them. */
export function measureJson({ perKind, seed, sizeBytesMax }: Measure): MutationReport {
  const { random } = createTestWorld(seed)
  const texts = readdirSync(`${root}node_modules`).flatMap((name) =>
    readIfThere(`${root}node_modules/${name}/package.json`, sizeBytesMax),
  )
  const pick = (count: number): number => Math.floor(random() * count)
  const cases = jsonMutations.flatMap(({ kind, mutate }) =>
    collect(perKind, () => {
      const text = texts[pick(texts.length)] ?? ''
      const broken = mutate(text, pick)
      if (broken === undefined || isJson(broken)) return undefined
      const wanted = JSON.stringify(JSON.parse(text))
      return timed(
        kind,
        () => repairJson(broken),
        (candidate) => JSON.stringify(JSON.parse(candidate.text)) === wanted,
      )
    }),
  )
  return report(cases)
}

/** Breaks code and repairs it with the rest of its package as samples. */
export function measureCode(language: 'javascript' | 'typescript', { perKind, seed, sizeBytesMax }: Measure): MutationReport {
  const { random } = createTestWorld(seed)
  const pick = (count: number): number => Math.floor(random() * count)
  const packages = corpora[language].map((corpus) => soundFiles(corpus, sizeBytesMax)).filter((files) => files.length > 0)
  const cases = codeMutations.flatMap(({ kind, mutate }) =>
    collect(perKind, () => {
      const files = packages[pick(packages.length)] ?? []
      const file = files[pick(files.length)]
      const broken = file === undefined ? undefined : mutate(file.text, file.tokens(), pick)
      if (file === undefined || broken === undefined || broken === file.text) return undefined
      if (kind !== 'conflict markers' && parserFor(file.path, broken).problem(broken) === undefined) return undefined
      const wanted = treeOf(file.text, file.path)
      return timed(
        kind,
        () => repairCode(broken, { path: file.path, samples: file.samples, candidatesMax: 10 }),
        (candidate) => treeOf(candidate.text, file.path) === wanted,
      )
    }),
  )
  return report(cases)
}

interface SoundFile {
  readonly path: string
  readonly text: string
  readonly tokens: () => readonly SoundToken[]
  readonly samples: readonly string[]
}

const corpora = {
  javascript: [
    ['node_modules/p-retry', /index\.js$/],
    ['node_modules/is-network-error', /index\.js$/],
    ['node_modules/opossum/lib', /\.js$/],
    ['node_modules/zod/v4/core', /\/[a-z]+\.js$/],
    ['node_modules/lru-cache/dist/esm', /esm\/index\.js$/],
    ['node_modules/diff/libesm', /\.js$/],
    ['node_modules/semver', /\.js$/],
    ['node_modules/picomatch/lib', /\.js$/],
    ['node_modules/commander/lib', /\.js$/],
    ['node_modules/chokidar', /\/\w+\.js$/],
    ['node_modules/yargs/build/lib', /\.js$/],
  ],
  typescript: [
    ['src/core', /\.ts$/],
    ['src/testing', /\.ts$/],
    ['src/repair', /conflict-markers\.ts$/],
  ],
} as const

function soundFiles([folder, name]: readonly [string, RegExp], sizeBytesMax: number): readonly SoundFile[] {
  const files = filesIn(`${root}${folder}`)
    .filter((path) => name.test(path))
    .slice(0, 40)
  const sound = files.flatMap((path) =>
    readIfThere(path, sizeBytesMax)
      .filter((text) => text.length > 300)
      .map((text) => ({ path, text, tokens: once(() => tokensOf(text, path)) })),
  )
  return sound.map((file) => ({
    ...file,
    samples: sound
      .filter((other) => other !== file)
      .slice(0, 12)
      .map((other) => other.text),
  }))
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => (made ??= { value: make() }).value
}

function filesIn(folder: string): readonly string[] {
  return readIfFolder(folder)
    .filter((name) => name !== 'node_modules')
    .sort()
    .flatMap((name) => {
      const path = `${folder}/${name}`
      return statSync(path).isDirectory() ? filesIn(path) : [path]
    })
}

function readIfFolder(folder: string): readonly string[] {
  return statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true ? readdirSync(folder) : []
}

function readIfThere(path: string, sizeBytesMax: number): readonly string[] {
  const stat = statSync(path, { throwIfNoEntry: false })
  return stat?.isFile() === true && stat.size < sizeBytesMax ? [readFileSync(path, 'utf8')] : []
}

function parserOptions(path: string): ParserOptions {
  return {
    sourceType: 'unambiguous',
    allowReturnOutsideFunction: true,
    plugins: path.endsWith('.ts') ? ['typescript', 'explicitResourceManagement'] : [],
    attachComment: false,
  }
}

function tokensOf(text: string, path: string): readonly SoundToken[] {
  // Babel's tokens are not part of its declared types: a comment is one whose type is a string.
  const tokens = (parse(text, { ...parserOptions(path), tokens: true }).tokens ?? []) as readonly {
    readonly type: string | { readonly label: string }
    readonly start: number
    readonly end: number
  }[]
  return tokens.flatMap(({ type, start, end }) =>
    typeof type === 'object' && end > start ? [{ label: type.label, start, end }] : [],
  )
}

/** The syntax tree without positions. */
function treeOf(text: string, path: string): string {
  const positions = new Set(['start', 'end', 'loc', 'extra', 'range'])
  return JSON.stringify(parse(text, parserOptions(path)).program, (key, value: unknown) =>
    positions.has(key) ? undefined : value,
  )
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** Up to `wanted` cases; a file in which nothing can be broken this way is passed over. */
function collect(wanted: number, one: () => Case | undefined): readonly Case[] {
  const cases: Case[] = []
  for (let tries = 0; cases.length < wanted && tries < wanted * 40; tries += 1) {
    const next = one()
    if (next !== undefined) cases.push(next)
  }
  return cases
}

function timed<T>(kind: string, repair: () => readonly T[], isOriginal: (candidate: T) => boolean): Case {
  const started = performance.now()
  const candidates = repair()
  const durationMs = performance.now() - started
  return { kind, place: candidates.findIndex(isOriginal), candidates: candidates.length, durationMs }
}

function report(cases: readonly Case[]): MutationReport {
  const kinds = [...new Set(cases.map((entry) => entry.kind))]
  const rows = [
    ...kinds.map((kind) => ({ name: kind, of: cases.filter((entry) => entry.kind === kind) })),
    { name: 'all', of: cases },
  ]
  return {
    count: cases.length,
    valid: share(cases, (entry) => entry.candidates > 0),
    exactFirst: share(cases, (entry) => entry.place === 0),
    exactInThree: share(cases, (entry) => entry.place >= 0 && entry.place < 3),
    exactInTen: share(cases, (entry) => entry.place >= 0),
    table: rows.map(({ name, of }) => row(name, of)),
  }
}

function row(name: string, cases: readonly Case[]): string {
  const percent = (claim: (entry: Case) => boolean): string => (100 * share(cases, claim)).toFixed(1).padStart(6)
  const times = cases.map((entry) => entry.durationMs).sort((a, b) => a - b)
  const time = (part: number): string => (times[Math.floor((times.length - 1) * part)] ?? 0).toFixed(1).padStart(7)
  return [
    name.padEnd(22),
    String(cases.length).padStart(5),
    percent((entry) => entry.candidates > 0),
    percent((entry) => entry.place === 0),
    percent((entry) => entry.place >= 0 && entry.place < 3),
    percent((entry) => entry.place >= 0),
    time(0.5),
    time(0.95),
  ].join(' ')
}

function share(cases: readonly Case[], claim: (entry: Case) => boolean): number {
  return cases.length === 0 ? 0 : cases.filter(claim).length / cases.length
}
