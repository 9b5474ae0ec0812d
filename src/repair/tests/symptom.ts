import type { Fault } from '../../core/fault.js'
import type { EditKind } from './single-edit.js'

/** What a failing test wanted and got instead, as far as its output tells. */
export interface Symptom {
  readonly expectedNumber?: number
  readonly actualNumber?: number
  /** Where the two values, as printed, differ. */
  readonly difference?: { readonly before: string; readonly got: string; readonly wanted: string; readonly after: string }
  /** Kinds of edit that the difference speaks for, each with the factor by which it does. */
  readonly favours: ReadonlyMap<EditKind, number>
}

/** Reads the symptom of one failing test. */
export function symptomOf({ details, message }: Pick<Fault, 'details' | 'message'>): Symptom {
  const expected = valueOf(details['expected'])
  const actual = valueOf(details['actual'])
  const favours = new Map<EditKind, number>()
  if (/Promise|\[object Promise\]|thenable/.test(`${actual ?? ''} ${message}`)) favour(favours, 8, 'await')
  if (actual === 'undefined') favour(favours, 3, 'return')
  if (expected === undefined || actual === undefined) return { favours }
  const [wanted, got] = [numberOf(expected), numberOf(actual)]
  const difference = differenceOf(actual, expected)
  if (wanted !== undefined && got !== undefined) numbers(favours, wanted, got)
  else if (isBoolean(expected) && isBoolean(actual))
    favour(favours, 1.6, 'equality', 'logical', 'negation', 'boolean', 'boundary', 'method')
  else texts(favours, expected, actual)
  return {
    ...(wanted !== undefined && { expectedNumber: wanted }),
    ...(got !== undefined && { actualNumber: got }),
    ...(difference !== undefined && { difference }),
    favours,
  }
}

function numbers(favours: Map<EditKind, number>, wanted: number, got: number): void {
  if (Math.abs(wanted - got) === 1) favour(favours, 2, 'boundary', 'number', 'update', 'offset')
  if (wanted === -got && wanted !== 0) favour(favours, 3, 'sign', 'operands', 'arguments')
  if (Number.isInteger(wanted) && !Number.isInteger(got)) favour(favours, 4, 'wrapper', 'method')
  if (Number.isNaN(got)) favour(favours, 2, 'wrapper', 'arguments', 'property', 'arithmetic')
  favour(favours, 1.5, 'arithmetic', 'arithmetic-rare', 'number', 'assignment')
}

function texts(favours: Map<EditKind, number>, expected: string, actual: string): void {
  if (expected.toLowerCase() === actual.toLowerCase()) favour(favours, 5, 'call', 'method')
  if (expected.replace(/\s+/g, '') === actual.replace(/\s+/g, '')) favour(favours, 4, 'call', 'string')
  const [wantedParts, gotParts] = [partsOf(expected), partsOf(actual)]
  const isShuffled = expected !== actual && [...wantedParts].sort().join() === [...gotParts].sort().join()
  if (isShuffled) favour(favours, 2.5, 'operands', 'method', 'arguments', 'call', 'direction', 'statements', 'spread')
}

function partsOf(text: string): readonly string[] {
  return text.split(/[\s,[\]{}"']+/).filter((part) => part !== '')
}

function favour(favours: Map<EditKind, number>, factor: number, ...kinds: readonly EditKind[]): void {
  for (const kind of kinds) favours.set(kind, Math.max(factor, favours.get(kind) ?? 1))
}

/** A value as its runner printed it, without quotes of its own. */
function valueOf(detail: string | number | undefined): string | undefined {
  if (detail === undefined) return undefined
  const text = String(detail).trim().slice(0, 400)
  const inner = /^(['"`])([^]*)\1$/.exec(text)?.[2]
  return inner ?? text
}

function numberOf(text: string): number | undefined {
  if (text === 'NaN') return Number.NaN
  return /^-?\d{1,15}(?:\.\d{1,15})?(?:e[+-]?\d{1,3})?$/i.test(text) ? Number(text) : undefined
}

function isBoolean(text: string): boolean {
  return text === 'true' || text === 'false'
}

/** Cuts off what two texts have in common at both ends. */
function differenceOf(got: string, wanted: string): Symptom['difference'] {
  if (got === wanted) return undefined
  const lengthMax = Math.min(got.length, wanted.length)
  let head = 0
  while (head < lengthMax && got[head] === wanted[head]) head += 1
  let tail = 0
  while (tail < lengthMax - head && got[got.length - 1 - tail] === wanted[wanted.length - 1 - tail]) tail += 1
  return {
    before: got.slice(0, head),
    got: got.slice(head, got.length - tail),
    wanted: wanted.slice(head, wanted.length - tail),
    after: got.slice(got.length - tail),
  }
}
