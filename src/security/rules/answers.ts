import type { AuditedFile } from '../audited-file.js'
import type { Fact, FactKind } from '../fact.js'
import { eachFile, isCode, sightingsOf, type Rule, type Sighting } from '../rule.js'
import { bothFacts, lostFacts, matchesIn, newFacts, newUses, type Use } from '../uses.js'
import { isShown } from './careless.js'

export const answerRules: readonly Rule[] = [
  {
    id: 'HARDCODED-RESULT',
    cwe: 693,
    tier: 'high',
    stage: 'static',
    title: 'The patch answers with a constant instead of computing',
    rationale:
      'A branch for the very value that a test uses, a branch for test runs, or a body that is emptied or became one constant satisfies the check and nobody else. The base case of a recursion and an early exit for nothing at all are no such branch; nor is one more line of a table.',
    example: {
      path: 'src/tax.js',
      before: 'function tax(sum) {\n  return round(sum * rate)\n}\n',
      after: 'function tax(sum) {\n  if (sum === 119) return 19\n  return round(sum * rate)\n}\n',
    },
    nearMiss: {
      path: 'src/tax.js',
      before: 'function tax(sum) {\n  return round(sum * rate)\n}\n',
      after: 'function tax(sum) {\n  if (sum === 0) return 0\n  return round(sum * rate)\n}\n',
    },
    inspect: eachFile((file) => {
      if (!isCode(file) || file.test || isShown(file.path)) return []
      return [...constantAnswers(file), ...(isSettings(file.path) ? [] : testBranches(file))]
    }),
  },
]

function constantAnswers(file: AuditedFile): readonly Sighting[] {
  const both = bothFacts(file)
  if (both === undefined) return []
  const emptied = emptiedFunctions(file, both)
  const canned = cannedAnswers(file, both)
  return [
    ...sightingsOf(file, canned.answers),
    ...sightingsOf(file, emptied, file.after, { message: 'A function does nothing now, or only returns a constant' }),
    ...sightingsOf(file, canned.table || emptied.length > 0 ? [] : noLongerComputed(file, both), file.after, {
      message: 'A result that was computed is a constant now',
    }),
    ...sightingsOf(file, newFacts(file, 'unreachable'), file.after, { message: 'The code below is never reached' }),
  ]
}

type BothFacts = NonNullable<ReturnType<typeof bothFacts>>

/** Answers for one input each; a function that has many of them is a table written as code. */
function cannedAnswers(
  file: AuditedFile,
  { before, after }: BothFacts,
): { readonly answers: readonly Use[]; readonly table: boolean } {
  const lived = scopesOf(before, 'function')
  const countIn = (facts: readonly Fact[], scope: string): number =>
    facts.filter((fact) => fact.kind === 'canned-answer' && fact.scope === scope).length
  const isTable = ({ scope }: Fact): boolean =>
    countIn(after, scope) >= 3 && (countIn(before, scope) >= 2 || !(scope === '' || lived.has(scope)))
  const added = newOnes(file, after, 'canned-answer')
  return {
    answers: added.filter((fact) => !isTable(fact)),
    table: after.some((fact) => fact.kind === 'canned-answer' && isTable(fact)),
  }
}

/** Functions that did something before. */
function emptiedFunctions(file: AuditedFile, { before, after }: BothFacts): readonly Use[] {
  const lived = scopesOf(before, 'function')
  const constant = scopesOf(before, 'constant-function')
  return newOnes(file, after, 'constant-function').filter(({ scope }) => lived.has(scope) && !constant.has(scope))
}

/** Constants that are returned in a function that returns one computed value fewer. */
function noLongerComputed(file: AuditedFile, { before, after }: BothFacts): readonly Use[] {
  const lost = new Set<Use>(lostFacts(file, 'computed-return'))
  const scopes = new Set(before.filter((fact) => lost.has(fact)).map((fact) => fact.scope))
  return newOnes(file, after, 'constant-return').filter(({ scope }) => scopes.has(scope))
}

function newOnes(file: AuditedFile, after: readonly Fact[], kind: FactKind): readonly Fact[] {
  const added = new Set<Use>(newFacts(file, kind))
  return after.filter((fact) => added.has(fact))
}

function scopesOf(facts: readonly Fact[], kind: FactKind): ReadonlySet<string> {
  return new Set(facts.filter((fact) => fact.kind === kind).map((fact) => fact.scope))
}

/** Settings of tools differ in test runs on purpose. */
function isSettings(path: string): boolean {
  return /\.config\.[cm]?[jt]s$/.test(path)
}

function testBranches(file: AuditedFile): readonly Sighting[] {
  const uses = newUses(file, (side) =>
    matchesIn(side, [
      {
        in: 'plain',
        regex:
          /\bNODE_ENV\b['"]?\]?\s*[!=]==?\s*['"]test['"]|\bprocess\.env\.(?:VITEST|JEST_WORKER_ID|MOCHA|CI)\b|['"]test['"]\s*[!=]==?\s*process\.env\.NODE_ENV/g,
      },
    ]),
  )
  return sightingsOf(file, uses, file.after, { message: 'The code behaves differently in test runs' })
}
