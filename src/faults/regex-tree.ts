/** Which characters a part of a regular expression can stand for: ASCII by code, then one letter and one space beyond it. */
export type CharSet = readonly boolean[]

const probes: readonly string[] = [...Array.from({ length: 128 }, (_, code) => String.fromCharCode(code)), 'é', '\u2003']

/** A part of a regular expression. `edge`: matches between characters. */
export type RegexNode =
  | { readonly kind: 'char'; readonly set: CharSet; readonly literal: string | undefined }
  | { readonly kind: 'edge'; readonly source: string }
  | { readonly kind: 'group'; readonly look: boolean; readonly branches: readonly RegexSequence[] }

/** Parts that follow each other, with how often each is repeated. */
export type RegexSequence = readonly RegexPart[]

export interface RegexPart {
  readonly node: RegexNode
  readonly min: number
  /** `Infinity`: as often as the text allows. */
  readonly max: number
}

/** What the reader of expressions does not take. */
export class UnreadableRegex extends Error {}

const escape = /\\(?:x[0-9a-f]{2}|u\{[0-9a-f]{1,6}\}|u[0-9a-f]{4}|[pP]\{[^}]{1,60}\}|c[a-z]|k<\w{1,60}>|[1-9]\d{0,2}|[^])/iy
const quantifier = /(?:([*+?])|\{(\d{1,5})(?:(,)(\d{1,5})?)?\})\??/y
const groupStart = /\((?:\?(?::|<([A-Za-z_$][\w$]{0,60})>|(<?[=!])))?/y

/**
 * Reads a regular expression into a tree. It has compiled already, so what is read here is well formed.
 *
 * @throws UnreadableRegex for back references, modifiers and what else is not worth its cost.
 */
export function readRegex({ source, flags }: RegExp): readonly RegexSequence[] {
  const plain = flags.replace(/[^iu]/g, '')
  let at = 0
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at
    const match = pattern.exec(source)
    if (match !== null) at += match[0].length
    return match
  }

  const branches = (depth: number): readonly RegexSequence[] => {
    if (depth > depthMax) throw new UnreadableRegex(`its groups are nested more than ${depthMax} deep`)
    const all: RegexSequence[] = []
    let current: RegexPart[] = []
    while (at < source.length && source[at] !== ')') {
      if (source[at] === '|') {
        at += 1
        all.push(current)
        current = []
      } else current.push(part(depth))
    }
    return [...all, current]
  }

  const part = (depth: number): RegexPart => {
    const node = nodeAt(depth)
    const match = take(quantifier)
    if (match === null) return { node, min: 1, max: 1 }
    const [, sign, least = '0', comma, most] = match
    if (sign !== undefined) return { node, min: sign === '+' ? 1 : 0, max: sign === '?' ? 1 : Number.POSITIVE_INFINITY }
    const min = Number(least)
    return { node, min, max: most !== undefined ? Number(most) : comma === undefined ? min : Number.POSITIVE_INFINITY }
  }

  const nodeAt = (depth: number): RegexNode => {
    const first = source[at]
    if (first === '(') {
      const start = take(groupStart)
      if (source[at] === '?') throw new UnreadableRegex('it has a group with modifiers')
      const inside = branches(depth + 1)
      at += 1 // the closing bracket
      return { kind: 'group', look: start?.[2] !== undefined, branches: inside }
    }
    if (first === '^' || first === '$') {
      at += 1
      return { kind: 'edge', source: first }
    }
    if (first === '[') {
      const from = at
      at = endOfClass(source, from)
      return charOf(source.slice(from, at), undefined)
    }
    if (first === '\\') {
      const text = take(escape)?.[0] ?? ''
      if (/^\\(?:[1-9]|k<)/.test(text)) throw new UnreadableRegex('it refers back to what a group has matched')
      if (/^\\b$/i.test(text)) return { kind: 'edge', source: text }
      return charOf(text, /^\\[^A-Za-z0-9]$/.test(text) ? text.slice(1) : undefined)
    }
    at += 1
    return charOf(first ?? '', first === '.' ? undefined : first)
  }

  const charOf = (text: string, literal: string | undefined): RegexNode => {
    const single = new RegExp(`^(?:${text})$`, plain)
    const set = probes.map((probe) => single.test(probe))
    return { kind: 'char', set, literal: plain.includes('i') ? undefined : literal }
  }

  return branches(0)
}

const depthMax = 20

function endOfClass(source: string, from: number): number {
  for (let at = from + 1; at < source.length; at += 1) {
    if (source[at] === '\\') at += 1
    else if (source[at] === ']') return at + 1
  }
  return source.length
}

/** Whether some character can stand for both. */
export function overlap(a: CharSet, b: CharSet): boolean {
  return a.some((has, index) => has && b[index] === true)
}

/** All characters but a line's end. */
export const anyChar: CharSet = probes.map((probe) => probe !== '\n' && probe !== '\r')
