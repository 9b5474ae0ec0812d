import type { Fault } from '../core/fault.js'
import { fingerprintOf } from './fingerprint.js'
import type { Rank } from './rule.js'

/** A fault before it gets its fingerprint, and how near to the root of the trouble its kind is. */
export interface Candidate {
  readonly fault: Unprinted
  readonly rank: Rank
}

type Unprinted = Omit<Fault, 'fingerprint' | 'causedBy'>

interface Root extends Candidate {
  readonly fingerprint: string
}

/**
 * Root faults first, then what follows from one of them, marked with `causedBy`; each fault once, and within the two parts in
 * the order given, which is that of rank and output. A fault follows from an earlier one only where one of the reasons below
 * says so: two mistakes that have nothing to do with each other are both roots. Consequences are told only as far as roots
 * leave room, so no number of them crowds out a root.
 */
export function rootsFirst(all: Iterable<Candidate>, faultsMax: number): Fault[] {
  const roots: Root[] = []
  const told = new Map<string, Fault>()
  const consequences: Fault[] = []
  for (const one of all) {
    const root = roots.find((earlier) => follows(one, earlier))
    // Fingerprints cost most of the work here: what will not be told gets none.
    if (root !== undefined && consequences.length >= faultsMax) continue
    const fingerprint = fingerprintOf(one.fault)
    if (told.has(fingerprint)) continue
    const fault = { ...one.fault, fingerprint, ...(root === undefined ? {} : { causedBy: root.fingerprint }) }
    told.set(fingerprint, fault)
    if (root === undefined) roots.push({ ...one, fingerprint })
    else consequences.push(fault)
    if (roots.length >= faultsMax) break
  }
  return [...roots.flatMap(({ fingerprint }) => told.get(fingerprint) ?? []), ...consequences].slice(0, faultsMax)
}

function follows(one: Candidate, root: Candidate): boolean {
  return reasons.some((reason) => reason(one, root))
}

/** Why one fault follows from another, the surest first. */
const reasons: readonly ((one: Candidate, root: Candidate) => boolean)[] = [
  // Without memory or disk nothing that comes after means anything.
  (_, root) => root.rank === 'environment' && root.fault.severity === 'critical',
  // One missing thing, missed in many places.
  ({ fault }, root) => sameName(fault, root.fault, missingName) && fault.category === root.fault.category,
  // What a file without its import gets wrong: unknown types, suites that did not start.
  ({ fault, rank }, root) =>
    root.fault.category === 'dependency' && (rank === 'compile' || rank === 'test') && inFile(fault, root.fault),
  // The program that an install should have brought.
  ({ fault }, root) =>
    fault.code === 'COMMAND_NOT_FOUND' &&
    root.fault.code !== 'COMMAND_NOT_FOUND' &&
    (root.fault.tool === 'npm' || root.fault.tool === 'pnpm' || root.fault.tool === 'yarn') &&
    (root.fault.category === 'dependency' || root.fault.category === 'network'),
  // A file that cannot be parsed, and whoever reads it.
  ({ fault }, root) => root.fault.category === 'syntax' && (inFile(fault, root.fault) || speaksOf(fault, root.fault)),
  // One name that the compiler does not know, used in many places.
  ({ fault }, root) =>
    root.rank === 'compile' &&
    fault.code === root.fault.code &&
    sameName(fault, root.fault, (each) => each.details['name']) &&
    fault.message === root.fault.message,
  // The test that a crash of the program failed.
  ({ fault, rank }, root) =>
    root.rank === 'crash' &&
    rank === 'test' &&
    (fault.message.includes(root.fault.message) ||
      sameName(fault, root.fault, (each) => each.details['test']) ||
      samePlace(fault, root.fault)),
]

function missingName({ category, details }: Unprinted): string | number | undefined {
  return category === 'dependency' ? (details['specifier'] ?? details['package'] ?? details['program']) : undefined
}

function sameName(a: Unprinted, b: Unprinted, nameOf: (fault: Unprinted) => string | number | undefined): boolean {
  const name = nameOf(a)
  return name !== undefined && name === nameOf(b)
}

/** In the file that the root is in, or is imported from. */
function inFile(fault: Unprinted, root: Unprinted): boolean {
  const file = fault.location?.file
  return file !== undefined && (file === root.location?.file || file === root.details['importer'])
}

function samePlace(a: Unprinted, b: Unprinted): boolean {
  return a.location?.line !== undefined && a.location.line === b.location?.line && a.location.file === b.location.file
}

function speaksOf(fault: Unprinted, root: Unprinted): boolean {
  const file = root.location?.file
  return file !== undefined && file.length > 3 && fault.message.includes(file)
}
