import type { AuditedFile } from '../audited-file.js'
import type { Fact, FactKind } from '../fact.js'
import { sightingsOf, type Sighting, type Tier } from '../rule.js'
import { bothFacts, withoutThose } from '../uses.js'

/**
 * Conditions that lost or gained a part so that less is checked: work that asks for less than before, an exit that refuses fewer
 * cases. Only where one condition of a function takes the place of one other; what changed more is no weakening but another text.
 */
export function weakenedConditions(file: AuditedFile): readonly Sighting[] {
  const both = bothFacts(file)
  if (both === undefined) return []
  const of = (kind: FactKind): readonly Pair[] => pairsOf(both, kind)
  const work = of('condition').filter(({ was, now }) => isPartOf(clauses(now.key, '&&'), clauses(was.key, '&&')))
  const fewer = of('refusing-guard').filter(({ was, now }) => isPartOf(clauses(now.key, '||'), clauses(was.key, '||')))
  const exempt = of('refusing-guard').filter(({ was, now }) => isPartOf(clauses(was.key, '&&'), clauses(now.key, '&&')))
  return [
    ...work.flatMap((pair) => told(file, pair, 'A condition asks for less than before')),
    ...fewer.flatMap((pair) => told(file, pair, 'An early exit refuses fewer cases')),
    ...exempt.flatMap((pair) =>
      told(file, pair, 'An early exit makes an exception', exceptsOneValue(pair) ? undefined : 'medium'),
    ),
  ]
}

function told(file: AuditedFile, { now }: Pair, message: string, tier?: Tier): readonly Sighting[] {
  return sightingsOf(file, [now], file.after, { message, ...(tier !== undefined && { tier }) })
}

/** Whether what comes to a condition asks for one text or number. */
function exceptsOneValue({ was, now }: Pair): boolean {
  const old = clauses(was.key, '&&')
  return clauses(now.key, '&&').some((clause) => !old.includes(clause) && !/\btypeof\b/.test(clause) && oneValue.test(clause))
}

const oneValue = /[!=]==?\s?(?:['"`][^'"`]|-?(?:[2-9]|\d{2}))|^(?:(['"`]).{1,200}\1|-?(?:[2-9]|\d{2})[\d._]{0,20})\s?[!=]==?/

interface Pair {
  readonly was: Fact
  readonly now: Fact
}

/** The one that goes and the one that comes of a function. */
function pairsOf({ before, after }: NonNullable<ReturnType<typeof bothFacts>>, kind: FactKind): readonly Pair[] {
  const old = before.filter((fact) => fact.kind === kind)
  const next = after.filter((fact) => fact.kind === kind)
  const lost = Map.groupBy(withoutThose(old, next), ({ scope }) => scope)
  return [...Map.groupBy(withoutThose(next, old), ({ scope }) => scope)].flatMap(([scope, [now, ...more]]) => {
    const [was, ...others] = lost.get(scope) ?? []
    return was !== undefined && now !== undefined && more.length + others.length === 0 ? [{ was, now }] : []
  })
}

/** Whether all of `part` stand in `whole`, which has more. */
function isPartOf(part: readonly string[], whole: readonly string[]): boolean {
  return part.length < whole.length && part.every((clause) => whole.includes(clause))
}

/** The parts of a condition that an operator joins at its top; the other operator there leaves it in one piece. */
function clauses(condition: string, operator: '&&' | '||'): readonly string[] {
  const parts: string[] = []
  let depth = 0
  let start = 0
  for (let index = 0; index < condition.length; index += 1) {
    const character = condition[index] ?? ''
    if ('([{'.includes(character)) depth += 1
    else if (')]}'.includes(character)) depth -= 1
    else if (depth === 0 && /^(?:&&|\|\||\?)/.test(condition.slice(index, index + 2))) {
      if (!condition.startsWith(operator, index)) return [condition]
      parts.push(condition.slice(start, index).trim())
      start = index + 2
      index += 1
    }
  }
  return [...parts, condition.slice(start).trim()].map(withoutBrackets)
}

function withoutBrackets(clause: string): string {
  return /^\(([^()]{0,300})\)$/.exec(clause)?.[1]?.trim() ?? clause
}
