import { builtinModules, isBuiltin } from 'node:module'
import { editDistance } from '../core/similar-name.js'
import { popularPackages, popularScopes } from './popular-packages.js'

const lengthMax = 214
/** What npm accepts for a new package: lower case, safe in a URL. Stricter only where a name would look like an option. */
const newName = /^(?:@[a-z0-9][a-z0-9._-]*\/)?[a-z0-9][a-z0-9._-]*$/
/** What may stand in an import: old packages have capitals. */
const anyName = /^(?:@[A-Za-z0-9~-][\w.~-]*\/)?[A-Za-z0-9][\w.~-]*$/
const reserved: ReadonlySet<string> = new Set(['node_modules', 'favicon.ico'])

/** Whether npm would accept `name` for a new package. Paths, addresses, options and built-in modules of Node are none. */
export function isPackageName(name: string): boolean {
  return name.length <= lengthMax && newName.test(name) && !reserved.has(name) && !builtinModules.includes(name)
}

/**
 * The package an import names: `lodash` for `lodash/fp`, `@a/b` for `@a/b/c`. `undefined` for anything else: a path, an
 * address, a `#name`, a built-in module, or text that could be no package name.
 */
export function packageOfSpecifier(specifier: string): string | undefined {
  if (specifier.length > lengthMax * 4 || isBuiltin(specifier) || /[\\\u0000-\u0020]/.test(specifier)) return undefined
  const segments = specifier.split('/')
  if (segments.includes('..')) return undefined
  const name = segments.slice(0, specifier.startsWith('@') ? 2 : 1).join('/')
  return name.length <= lengthMax && anyName.test(name) && !reserved.has(name) ? name : undefined
}

/**
 * Why `name` may be an imitation of a package that people mean, in sentences; empty when nothing speaks against it. A
 * popular or known name is never doubted. Looks for misspellings (one edit, two in a long name: optimal string alignment),
 * other separators or scopes, look-alike letters, and popular names with a promising word added.
 *
 * @param options - `known`: names the project already trusts, that is declared or locked ones.
 */
export function packageNameDoubts(name: string, { known = [] }: { readonly known?: Iterable<string> } = {}): readonly string[] {
  if (name.length > lengthMax) return ['It is too long for a package name.']
  const own = indexOf(known)
  if (own.names.has(name) || popularPackages.has(name)) return []
  const doubts = new Set<string>()
  if (/[^\u0021-\u007e]/.test(name)) doubts.add('It has characters outside ASCII.')
  const scope = scopeLikeness(name)
  if (scope !== undefined) doubts.add(scope)
  for (const index of [own, popularIndex()]) for (const doubt of likenesses(name, index, index === own)) doubts.add(doubt)
  return [...doubts].slice(0, doubtsMax)
}

const doubtsMax = 4
/** Shorter names are so dense that a neighbour proves nothing. */
const misspellingLengthMin = 4
const twoEditsLengthMin = 9

interface NameIndex {
  readonly names: ReadonlySet<string>
  readonly byLook: ReadonlyMap<string, string>
  readonly byFlat: ReadonlyMap<string, string>
}

function indexOf(names: Iterable<string>): NameIndex {
  const all = new Set(names)
  const by = (form: (name: string) => string) => new Map([...all].map((name): [string, string] => [form(name), name]))
  return { names: all, byLook: by(lookOf), byFlat: by(flat) }
}

let popular: NameIndex | undefined
function popularIndex(): NameIndex {
  popular ??= indexOf(popularPackages)
  return popular
}

function* likenesses(name: string, index: NameIndex, declared: boolean): Iterable<string> {
  const twin = index.byLook.get(lookOf(name))
  if (twin !== undefined) yield `It looks like "${twin}".`
  const sibling = index.byFlat.get(flat(name))
  if (sibling !== undefined) yield `Only separators or the scope set it apart from "${sibling}".`
  // Only the owner of a scope can publish there, so a neighbour in a popular scope is no imitation.
  if (!declared && popularScopes.has(scopeOf(name))) return
  for (const base of withoutPromises(name)) {
    const added = index.byFlat.get(base)
    if (added !== undefined) yield `It is "${added}" with a word added.`
  }
  for (const other of index.names) {
    if (isMisspelling(name, other)) yield `It is nearly spelt as "${other}".`
    else if (isSlip(name, other)) yield `It is typed next to the keys of "${other}".`
  }
}

function isMisspelling(name: string, other: string): boolean {
  const length = Math.min(name.length, other.length)
  const distanceMax = length >= twoEditsLengthMin ? 2 : 1
  return length >= misspellingLengthMin && editDistance(name, other, distanceMax) <= distanceMax
}

/**
 * Whether fingers that miss their keys by one make `name` of `other`: in a name too short to doubt for any one letter, or
 * twice in a longer one.
 */
function isSlip(name: string, other: string): boolean {
  if (name.length !== other.length || name.length < 3) return false
  let slips = 0
  for (let at = 0; at < name.length; at += 1) {
    const typed = name.charAt(at)
    const meant = other.charAt(at)
    if (typed === meant) continue
    slips += 1
    if (slips > slipsMax || neighbours.get(meant)?.includes(typed) !== true) return false
  }
  return slips > 0 && (slips === 1 || name.length >= twoSlipsLengthMin)
}

const slipsMax = 2
const twoSlipsLengthMin = 6

/** The keys round each key of a QWERTY keyboard: beside it, and those that touch it in the rows above and below. */
const neighbours: ReadonlyMap<string, string> = new Map(
  `qwa wqeasd ewrsd rtedf trfgy ytghu uyhji iujko oiklp pol aqwsz sadwezx dsferxc fdgrtcv gfhtyvb hgjyubn jhkuinm kjliom lkop
   zasx xzsdc cxdfv vcfgb bvghn nbhjm mnjk`
    .split(/\s+/)
    .map((keys): [string, string] => [keys.charAt(0), keys.slice(1)]),
)

function scopeLikeness(name: string): string | undefined {
  const scope = scopeOf(name)
  if (scope === '' || popularScopes.has(scope)) return undefined
  const isLike = (other: string): boolean =>
    lookOf(scope) === lookOf(other) ||
    flat(scope) === flat(other) ||
    (other.length > misspellingLengthMin && editDistance(scope, other, 1) <= 1)
  const meant = [...popularScopes].find(isLike)
  return meant === undefined ? undefined : `Its scope is nearly spelt as "${meant}".`
}

function scopeOf(name: string): string {
  return name.startsWith('@') ? name.slice(0, Math.max(0, name.indexOf('/'))) : ''
}

/** Letters and digits only: `@types/node`, `types-node` and `types_node` are one. */
function flat(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')
}

/** Words that make an imitation sound official, or that people add by mistake. */
const promises: ReadonlySet<string> = new Set(
  `api app beta bin build cli client core dev fix fixed helper helpers installer js latest lib library libs manager module modules
  new next node nodejs npm official original package patch plus pro pkg prod real release safe sdk secure setup stable test
  tool tools ts update updated util utils wrapper`.split(/\s+/),
)

/** {@link flat} of every shorter name that promising words at either end leave: `lodash` for `lodash-utils`, `node-lodash.js`, `lodash2`. */
function withoutPromises(name: string): readonly string[] {
  const words = name.split(/(?<=[a-z])(?=\d{1,3}$)|(?<=[a-z]{3})(?=js$)|[-_.]/)
  const starts = 1 + leadingPromises(words)
  const ends = 1 + leadingPromises(words.toReversed())
  const bases: string[] = []
  for (let start = 0; start < starts; start += 1) {
    for (let cut = 0; cut < ends && start + cut < words.length; cut += 1)
      if (start + cut > 0) bases.push(flat(words.slice(start, words.length - cut).join('')))
  }
  return bases
}

function leadingPromises(words: readonly string[]): number {
  const first = words.findIndex((word) => !promises.has(word) && !/^v?\d+$/.test(word))
  return Math.min(first === -1 ? words.length : first, 3)
}

/** Two names with the same look cannot be told apart at a glance: accents, look-alike letters of other scripts, `1` and `l`. */
function lookOf(name: string): string {
  const letters = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z]/gu, (letter) => lookAlikes.get(letter) ?? letter)
  return letters
    .replace(/\p{M}|\p{Cf}/gu, '')
    .replace(/rn/g, 'm')
    .replace(/vv/g, 'w')
}

/** Cyrillic, Greek, Armenian and Latin letters and digits, each before the letter it passes for. */
const lookAlikes: ReadonlyMap<string, string> = new Map(
  'аa ьb сc ԁd еe һh іi јj кk ӏl мm пn оo рp ԛq ѕs тt уy ѵv ԝw хx αa εe ιi κk νv οo ρp τt υu χx օo ոn սu ıi ɡg 0o 1l'
    .split(' ')
    .map((pair): [string, string] => [pair.slice(0, 1), pair.slice(1)]),
)
