/** Two file names of a diff header, as written: decoded, prefixes still on. */
export interface NamePair {
  readonly old: string
  readonly new: string
}

/** The name that stands for "no file" in `---` and `+++` lines. */
export const noFile = '/dev/null'

/**
 * A file name as it stands in a diff, alone on the rest of its line: in C quotes with octal UTF-8 bytes as git writes it, or
 * bare up to a tab, after which tools put a time. `undefined` when it cannot be read, or is longer than any path.
 */
export function readName(text: string): string | undefined {
  if (text.length > nameLengthMax) return undefined
  if (!text.startsWith('"')) {
    const tab = text.indexOf('\t')
    return nonEmpty(tab < 0 ? text : text.slice(0, tab))
  }
  const end = closingQuote(text)
  if (end === undefined || !/^(?:\t.*)?$/s.test(text.slice(end + 1))) return undefined
  return unquote(text.slice(1, end))
}

/**
 * The ways to read the two names of `diff --git …` that can make sense: more than one when bare names hold spaces, at most 64.
 */
export function readNamePairs(text: string): readonly NamePair[] {
  const pairs: NamePair[] = []
  if (text.length > nameLengthMax * 2) return pairs
  if (text.startsWith('"')) {
    const end = closingQuote(text)
    if (end !== undefined && text[end + 1] === ' ')
      addPair(pairs, readName(text.slice(0, end + 1)), readName(text.slice(end + 2)))
    return pairs
  }
  for (let space = text.indexOf(' '); space >= 0; space = text.indexOf(' ', space + 1)) {
    const inTheMiddle = space * 2 + 1 === text.length
    const rest = text.slice(space + 1, space + 3)
    if (inTheMiddle || rest.startsWith('"') || prefix.test(rest))
      addPair(pairs, readName(text.slice(0, space)), readName(text.slice(space + 1)))
    if (pairs.length >= pairsMax) break
  }
  return pairs
}

/**
 * Takes the prefixes off: `a/` and `b/`, or git's mnemonic ones (`i/`, `w/`, `c/`, `o/`), when both names carry one and they
 * differ. When one name is {@link noFile}, only `a/` or `b/` is taken for a prefix. Names without prefixes stay.
 */
export function withoutPrefixes(pair: NamePair): { readonly old: string | null; readonly new: string | null } {
  if (pair.old === noFile || pair.new === noFile) return { old: alone(pair.old, 'a/'), new: alone(pair.new, 'b/') }
  const prefixed = prefix.test(pair.old) && prefix.test(pair.new) && pair.old[0] !== pair.new[0]
  return prefixed ? { old: pair.old.slice(2), new: pair.new.slice(2) } : pair
}

/** A path of 4096 bytes, each written as an octal escape. */
const nameLengthMax = 4096 * 4
const pairsMax = 64
const prefix = /^[abciow]\//

function alone(name: string, ownPrefix: string): string | null {
  if (name === noFile) return null
  return name.startsWith(ownPrefix) ? name.slice(ownPrefix.length) : name
}

function addPair(pairs: NamePair[], old: string | undefined, next: string | undefined): void {
  if (old !== undefined && next !== undefined) pairs.push({ old, new: next })
}

function nonEmpty(text: string): string | undefined {
  return text === '' ? undefined : text
}

/** Index of the quote that closes the one at 0. */
function closingQuote(text: string): number | undefined {
  for (let index = 1; index < text.length; index += 1) {
    if (text[index] === '\\') index += 1
    else if (text[index] === '"') return index
  }
  return undefined
}

const letters: Readonly<Record<string, number>> = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13, '"': 34, '\\': 92 }

function unquote(text: string): string | undefined {
  const parts: Buffer[] = []
  for (const [token] of text.matchAll(/\\[0-3][0-7]{2}|\\.|[^\\]+/gs)) {
    if (!token.startsWith('\\')) parts.push(Buffer.from(token))
    else if (token.length === 4) parts.push(Buffer.of(Number.parseInt(token.slice(1), 8)))
    else {
      const byte = Object.hasOwn(letters, token.slice(1)) ? letters[token.slice(1)] : undefined
      if (byte === undefined) return undefined
      parts.push(Buffer.of(byte))
    }
  }
  try {
    return nonEmpty(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(parts)))
  } catch {
    return undefined // not UTF-8: a name we cannot hold as text, so we do not touch the file
  }
}
