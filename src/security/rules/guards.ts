import type { AuditedFile, AuditedPatch } from '../audited-file.js'
import { isShown } from './careless.js'
import { weakenedConditions } from './weakened-conditions.js'
import { eachFile, isCode, sightingsOf, type Rule, type Sighting } from '../rule.js'
import type { Fact } from '../fact.js'
import { bothFacts, lostFacts, lostUses, matchesIn, newFacts, newUses, withoutThose, type Use } from '../uses.js'

const outsideTests = (file: AuditedFile): boolean => isCode(file) && !file.test && !isShown(file.path)

export const guardRules: readonly Rule[] = [
  {
    id: 'GUARD-REMOVED',
    cwe: 754,
    tier: 'high',
    stage: 'static',
    title: 'A check is removed, turned round or made to pass always',
    rationale:
      'Removing the check that fails is the easiest way to make a fault disappear. Functions are compared by name before and after: one that is gone as a whole, or whose check moved elsewhere in the file, is no loss. A condition that is turned round weighs less where at least two tests pass only since then and none is lost, unless it is about rights.',
    example: {
      path: 'src/pay.js',
      before: "function pay(sum) {\n  if (sum <= 0) throw new Error('sum')\n  send(sum)\n}\n",
      after: 'function pay(sum) {\n  send(sum)\n}\n',
    },
    nearMiss: {
      path: 'src/pay.js',
      before: "function pay(sum) {\n  if (sum <= 0) throw new Error('sum')\n  send(sum)\n}\n",
      after: "function pay(sum) {\n  if (!(sum > 0)) throw new RangeError('sum must be positive')\n  send(sum)\n}\n",
    },
    inspect: eachFile((file, patch) => (outsideTests(file) ? removedGuards(file, patch) : [])),
  },
  {
    id: 'ERR-SWALLOW',
    cwe: 390,
    tier: 'high',
    stage: 'static',
    title: 'The patch makes failures vanish',
    rationale: 'An error that nobody hears leaves a program that goes on with wrong data and a fault that nobody finds.',
    example: { path: 'src/save.js', before: 'await save(cart)\n', after: 'try {\n  await save(cart)\n} catch {}\n' },
    nearMiss: {
      path: 'src/save.js',
      before: 'await save(cart)\n',
      after: 'try {\n  await save(cart)\n} catch (error) {\n  report(error)\n}\n',
    },
    inspect: eachFile((file) => {
      if (!outsideTests(file)) return []
      const swallowed = newFacts(file, 'swallow', [
        {
          in: 'code',
          regex:
            /\bcatch\s*(?:\([^()\n]{0,60}\)\s*)?\{\s*\}|\.catch\s*\(\s*(?:\(\s*\w{0,20}\s*\)|\w{1,20})\s*=>\s*\{\s*\}\s*\)|\bexcept\b[^\n:]{0,80}:\s*pass\b/g,
        },
      ])
      const unheard = newUses(file, (side) =>
        matchesIn(side, [
          {
            in: 'plain',
            regex:
              /\.on(?:ce)?\s*\(\s*['"](?:uncaughtException|unhandledRejection)['"]\s*,\s*(?:\([^()\n]{0,40}\)|\w{1,20})\s*=>\s*\{\s*\}|\bon error resume next\b/gi,
          },
        ]),
      )
      return [
        ...sightingsOf(file, [...swallowed, ...unheard]),
        ...softened(file),
        ...sightingsOf(file, lostFacts(file, 'error-handler'), file.before, { message: 'Failures are no longer heard of' }),
        ...sightingsOf(file, lostFacts(file, 'try'), file.before, {
          message: 'Error handling is removed',
          // Where something else takes its place, it may be handled there.
          ...(linesIn(file.added) * 2 > linesIn(file.removed) && { tier: 'medium' }),
        }),
      ]
    }),
  },
  {
    id: 'CHECK-SUPPRESS',
    cwe: 1127,
    tier: 'medium',
    stage: 'static',
    title: 'The patch tells a checker to look away',
    rationale: 'Sometimes right, always worth a reason; beside another doubt in the same file it is for a person.',
    example: { path: 'src/a.ts', before: 'a()\n', after: '// @ts-ignore\na()\n' },
    nearMiss: { path: 'src/a.ts', before: 'a()\n', after: "a('@ts-ignore')\n" },
    inspect: eachFile((file) => {
      if (!isCode(file)) return []
      const suppressions = newUses(file, (side) =>
        matchesIn(side, [
          {
            in: 'text',
            regex: suppression,
            unless: (match) => side.masked.plain.slice(match.index, match.index + match[0].length).trim() !== '',
          },
        ]),
      )
      return sightingsOf(file, suppressions)
    }),
  },
]

/** A constant instead of an error weighs more where the same `try` did something else, or its work stood alone, before. */
function softened(file: AuditedFile): readonly Sighting[] {
  const both = bothFacts(file)
  const tries = (facts: readonly Fact[] = []): readonly Fact[] => facts.filter((fact) => fact.kind === 'try')
  const replaced = tries(both?.before).length === tries(both?.after).length
  const message = 'A failure is answered with a constant'
  return newFacts(file, 'soft-swallow').flatMap((use) => {
    const wrapping = tries(both?.after).findLast(({ start, end }) => start < use.start && use.end <= end)
    const isGrave = replaced || (wrapping !== undefined && stoodAlone(file, wrapping.start, use.start))
    return sightingsOf(file, [use], file.after, { message, ...(!isGrave && { tier: 'medium' }) })
  })
}

/** Whether what a `try` does was done without one before. */
function stoodAlone({ before, after }: AuditedFile, start: number, end: number): boolean {
  const work = inOneLine((after?.text ?? '').slice(start, end).replace(/^try\s{0,200}\{|\}\s{0,200}$/g, ''))
  return work !== '' && inOneLine(before?.text ?? '').includes(work)
}

function inOneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}

const suppression =
  /@ts-(?:ignore|nocheck|expect-error)\b|\b(?:eslint|oxlint|tslint|biome|jshint|jscs|stylelint|standard)[-:](?:disable|ignore)[\w-]{0,20}|\b(?:istanbul|c8|v8)\s+ignore\b|\bnosemgrep\b|\bgitleaks:allow\b|\bNOSONAR\b|\bnoinspection\b|\bnosec\b|#\s*noqa\b|\btype:\s*ignore\b|\bpragma:\s*no cover\b|\bcoverage:\s*ignore\b|\bprettier-ignore\b/g

/** So many tests that pass only since a condition was turned round show that it was the wrong way round. */
const testsGainedMin = 2

function removedGuards(file: AuditedFile, { testsGained = 0 }: AuditedPatch): readonly Sighting[] {
  const merged = lostFacts(file, 'refusal-clause').length === 0 && newFacts(file, 'guard').some(({ key }) => key.includes('||'))
  const refusals = merged
    ? []
    : lostFacts(file, 'refusal', [
        { in: 'code', regex: /\bthrow\s|(?<![\w$.])(?:reject|assert|invariant)\s*\(|\braise\s/g, key: 'refusal' },
      ])
  const clauses = lostFacts(file, 'sensitive-clause').filter((clause) => isAboutRights.test(clause.key))
  const guards = refusals.length + clauses.length > 0 ? [] : lostFacts(file, 'guard')
  const refusing = new Set(lostFacts(file, 'refusing-guard').map(({ start }) => start))
  // Where hardly anything takes the place of what goes, an early exit was not rewritten but given up.
  const givenUp = linesIn(file.added) * 3 <= linesIn(file.removed)
  const lost: readonly (readonly [uses: readonly Use[], message: string, more?: Partial<Sighting>])[] = [
    [refusals, 'A refusal is removed'],
    [lostFacts(file, 'protection'), 'A call that validates or protects is removed'],
    [clauses, 'A condition about rights or validity is removed'],
    [refusals.length > 0 ? [] : lostFacts(file, 'refusal-clause'), 'A case that was refused is not refused any more'],
    [lostFacts(file, 'constraint'), 'A limit of a schema is removed'],
    [lostFacts(file, 'safety-option'), 'An option that protects is removed or switched off'],
    [linesIn(file.added) <= 2 ? noLongerAwaited(file) : [], 'A result is no longer waited for'],
    [guards.filter(({ start }) => givenUp && refusing.has(start)), 'An early exit that refuses is removed'],
    [guards.filter(({ start }) => !(givenUp && refusing.has(start))), 'An early exit is removed', { tier: 'medium' }],
  ]
  return [
    ...lost.flatMap(([uses, message, more]) => sightingsOf(file, uses, file.before, { message, ...more })),
    ...turnedRound(file).flatMap((use) => {
      const isShownRight = testsGained >= testsGainedMin && !isAboutRights.test(use.key)
      return sightingsOf(file, [use], file.after, {
        message: 'A condition is turned round',
        ...(isShownRight && { tier: 'medium' }),
      })
    }),
    ...weakenedConditions(file),
    ...sightingsOf(file, loosened(file), file.after, { message: 'A strict comparison became a loose one' }),
    ...sightingsOf(file, unanchored(file), file.after, { message: 'A regular expression no longer looks at the whole text' }),
    ...sightingsOf(file, newFacts(file, 'tautology'), file.after, { message: 'A condition always decides the same' }),
    ...explainedSafeguards(file),
  ]
}

/** Lines that say something: neither blank nor only a bracket. */
function linesIn(lines: AuditedFile['added']): number {
  return lines.filter(({ text }) => /[\w$]/.test(text)).length
}

/** Calls that the same function still makes without waiting for them. */
function noLongerAwaited(file: AuditedFile): readonly Use[] {
  const floating = new Set(newFacts(file, 'floating-call').map(({ key }) => key))
  return lostFacts(file, 'awaited-call').filter(({ key }) => floating.has(key))
}

/** A regular expression with an anchor fewer than the one whose place it takes. */
function unanchored(file: AuditedFile): readonly Use[] {
  const both = bothFacts(file)
  if (both === undefined) return []
  const regexes = (facts: readonly Fact[]): readonly Fact[] => facts.filter((fact) => fact.kind === 'regex')
  const lost = withoutThose(regexes(both.before), regexes(both.after))
  return withoutThose(regexes(both.after), regexes(both.before)).filter((now) => {
    const was = lost.filter((fact) => fact.scope === now.scope)
    return (
      was.length === 1 &&
      was.some(({ key }) => anchorsOf(key) > anchorsOf(now.key) && wordsOfRegex(key) === wordsOfRegex(now.key))
    )
  })
}

function anchorsOf(regex: string): number {
  return (/^\/\(?(?:\?:)?\^/.test(regex) ? 1 : 0) + (/(?<!\\)\$\)?\/\w*$/.test(regex) ? 1 : 0)
}

/** What a regular expression looks for, without how often and where. */
function wordsOfRegex(regex: string): string {
  return regex.replace(/\/\w*$/, '').replace(/[\^$*+?(){},/|]|\?:/g, '')
}

/** Code that goes together with a comment that says which attack it stood against. */
function explainedSafeguards(file: AuditedFile): readonly Sighting[] {
  const { before, after } = file
  if (before === undefined || after === undefined) return []
  const said = lostUses(file, (side) =>
    matchesIn(side, [
      {
        in: 'text',
        regex: attack,
        unless: (match) => side.masked.plain.slice(match.index, match.index + match[0].length).trim() !== '',
      },
    ]),
  )
  const codeGoes = file.removed.some(({ text }) => /[;{(=]/.test(text) && !/^\s*(?:\/\/|\*|\/\*)/.test(text))
  return codeGoes
    ? sightingsOf(file, said.slice(0, 1), before, {
        message: 'Code is removed together with the comment that says what it protects from',
      })
    : []
}

const attack =
  /\bCVE-\d{4}-\d{4,7}\b|\bGHSA-\w{4}-\w{4}-\w{4}\b|\bprototype pollution\b|\bReDoS\b|\bXSS\b|\bCSRF\b|\bSSRF\b|\b(?:path|directory) traversal\b|\b(?:sql|command|code|header|log) injection\b|\brequest smuggling\b|\btiming attacks?\b|\bvulnerab\w{2,8}\b|\b(?:attackers?|malicious|untrusted)\b/gi

const isAboutRights =
  /auth|permi[st]|admin|role|token(?!i|_?re)|csrf|xsrf|signature|verif|valid|sanit|forbid|allowed|owner|session|secret|password|__proto__|expire|origin|trusted/i

/** Guards whose condition is negated and nothing else. */
function turnedRound(file: AuditedFile): readonly Use[] {
  const both = bothFacts(file)
  if (both === undefined || file.before === undefined) return []
  const before = both.before.filter((fact) => fact.kind === 'guard')
  const after = both.after.filter((fact) => fact.kind === 'guard')
  const old = new Set(before.map(placeAndKey))
  const now = new Set(after.map(placeAndKey))
  return after.filter(
    (fact) =>
      !old.has(placeAndKey(fact)) &&
      old.has(placeAndKey({ ...fact, key: negated(fact.key) })) &&
      !now.has(placeAndKey({ ...fact, key: negated(fact.key) })),
  )
}

function negated(test: string): string {
  return test.startsWith('!') && !test.startsWith('!=')
    ? test.slice(1).replace(/^\((.{0,300})\)$/, '$1')
    : /^[\w$.[\]'"()]{1,200}$/.test(test)
      ? `!${test}`
      : `!(${test})`
}

function loosened(file: AuditedFile): readonly Use[] {
  const both = bothFacts(file)
  if (both === undefined) return []
  const strict = new Set(both.before.filter((fact) => fact.kind === 'strict-comparison').map(placeAndKey))
  const old = new Set(both.before.filter((fact) => fact.kind === 'loose-comparison').map(placeAndKey))
  return both.after.filter(
    (fact) =>
      fact.kind === 'loose-comparison' &&
      !old.has(placeAndKey(fact)) &&
      strict.has(placeAndKey({ ...fact, key: fact.key.replace(/([!=]=)/, '$1=') })),
  )
}

function placeAndKey(fact: Fact): string {
  return `${fact.scope}\n${fact.key}`
}
