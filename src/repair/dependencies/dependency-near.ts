import { editDistance } from '../../core/similar-name.js'

/** A package that a name may have meant. */
export interface NearName {
  readonly name: string
  /** 0..1. */
  readonly plausibility: number
}

/** Those of the candidates that `name` may be a misspelling of, in their own order. */
export function* nearNames(name: string, candidates: ReadonlySet<string>): Iterable<NearName> {
  for (const candidate of candidates) {
    const plausibility = candidate === name ? undefined : likeness(name, candidate)
    if (plausibility !== undefined) yield { name: candidate, plausibility }
  }
}

function likeness(name: string, candidate: string): number | undefined {
  if (name.toLowerCase() === candidate.toLowerCase() || `@${name}` === candidate) return 0.96
  if (flat(name) === flat(candidate)) return 0.95
  const distanceMax = Math.max(1, Math.floor(Math.min(name.length, candidate.length) / 4))
  const distance = editDistance(name, candidate, distanceMax)
  if (distance > distanceMax) return undefined
  return (Math.min(name.length, candidate.length) <= 3 ? 0.6 : 0.94) - (distance - 1) * 0.09
}

function flat(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '')
}
