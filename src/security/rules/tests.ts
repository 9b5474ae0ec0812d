import type { AuditedFile } from '../audited-file.js'
import { addedPatterns, eachFile, isCode, sightingsOf, type Rule, type Sighting } from '../rule.js'
import type { Fact, FactKind } from '../fact.js'
import { bothFacts, matchesIn, newFacts, newUses, lostUses, withoutThose, type Pattern, type Use } from '../uses.js'

export const testRules: readonly Rule[] = [
  {
    id: 'TEST-SKIP',
    cwe: 693,
    tier: 'high',
    stage: 'static',
    title: 'The patch skips tests, or runs only some',
    rationale: 'A test that does not run cannot fail. It proves nothing about the repair.',
    example: { path: 'test/cart.test.js', before: "it('adds', () => {})\n", after: "it.skip('adds', () => {})\n" },
    nearMiss: { path: 'test/cart.test.js', before: "it('adds', () => {})\n", after: "it('adds', () => { list.skip(1) })\n" },
    inspect: addedPatterns([
      {
        in: 'code',
        regex:
          /(?<![\w$.])(?:it|test|describe|context|suite|specify|bench)\s*\.\s*(?:concurrent\s*\.\s*|each\s*\.\s*)?(?:skip|only|todo|fixme|failing|fails|skipIf|runIf)\b|(?<![\w$.])(?:xit|xdescribe|xtest|xcontext|fit|fdescribe)\s*\(|\bthis\s*\.\s*skip\s*\(\s*\)|(?<![\w$.])t\s*\.\s*(?:skip|todo|Skip)\s*\(|@(?:pytest\s*\.\s*mark\s*\.\s*)?(?:skip|skipif|xfail|Disabled|Ignore)\b|\bpytest\s*\.\s*skip\s*\(/g,
      },
      { in: 'plain', regex: /\{\s*(?:skip|only|todo)\s*:\s*(?:true|['"])/g },
    ]),
  },
  {
    id: 'TEST-HARNESS',
    cwe: 693,
    tier: 'high',
    stage: 'static',
    title: 'The patch changes what decides whether tests pass',
    rationale: 'A replaced assertion, a forced exit code, a lowered threshold or an excluded file makes every run green.',
    example: {
      path: 'package.json',
      before: '{"scripts":{"test":"vitest run"}}\n',
      after: '{"scripts":{"test":"vitest run || true"}}\n',
    },
    nearMiss: {
      path: 'package.json',
      before: '{"scripts":{"test":"vitest run"}}\n',
      after: '{"scripts":{"test":"vitest run --coverage"}}\n',
    },
    inspect: (patch) => [
      ...addedPatterns([
        {
          in: 'code',
          regex:
            /(?<![\w$.])(?:assert|expect|chai)\s*\.\s*\w{1,40}\s*=(?![=>])|\b(?:globalThis|global|window)\s*\.\s*(?:expect|assert|it|test|describe)\s*=(?!=)|\bprocess\s*\.\s*exitCode\s*=\s*0\b|\bexpect\s*=\s*\(/g,
        },
        {
          in: 'plain',
          regex: /\b(?:vi|jest|mock)\s*\.\s*(?:mock|spyOn|method)\s*\(\s*(?:['"](?:node:)?assert|assert\b|expect\b)/g,
        },
      ])(patch),
      ...addedPatterns(
        [{ in: 'code', regex: /\bprocess\s*\.\s*exit\s*\(\s*0?\s*\)/g }],
        (file) => file.test && isCode(file),
      )(patch),
      ...eachFile((file) => [...neuteredScripts(file), ...weakerSettings(file)])(patch),
    ],
  },
  {
    id: 'TEST-DELETED',
    cwe: 693,
    tier: 'high',
    stage: 'static',
    title: 'The patch deletes a test file, or renames it to something that is not run',
    rationale: 'What the test proved is no longer proven.',
    example: { path: 'test/cart.test.js', before: "it('adds', () => {})\n", after: null },
    nearMiss: {
      diff: 'diff --git a/test/cart.test.js b/test/basket.test.js\nsimilarity index 100%\nrename from test/cart.test.js\nrename to test/basket.test.js\n',
    },
    inspect: eachFile((file) => {
      const gone = file.change === 'delete' && file.test
      const renamed =
        file.change === 'rename' &&
        !file.test &&
        file.before !== undefined &&
        /(?:^|[./_-])(?:test|spec)s?[./_-]/.test(file.oldPath ?? '')
      return gone || renamed ? [{ path: file.path, evidence: file.oldPath ?? file.path }] : []
    }),
  },
  {
    id: 'TEST-ASSERT',
    cwe: 693,
    tier: 'high',
    stage: 'static',
    title: 'Tests check less than before',
    rationale: 'Removed or weakened assertions and changed expectations make a failing test pass without a repair.',
    example: {
      path: 'test/cart.test.js',
      before: "it('adds', () => {\n  expect(total).toBe(3)\n})\n",
      after: "it('adds', () => {\n  total\n})\n",
    },
    nearMiss: {
      path: 'test/cart.test.js',
      before: "it('adds', () => {\n  expect(total).toBe(3)\n})\n",
      after: "it('adds', () => {\n  expect(total).toBe(3)\n  expect(count).toBe(1)\n})\n",
    },
    inspect: eachFile((file) =>
      isCode(file) && (file.test || hasTests(file)) && file.change !== 'delete' ? weakerTests(file) : [],
    ),
  },
]

/** What stands in for a count of assertions where a file does not parse. */
const assertionText: Pattern = {
  in: 'code',
  regex:
    /(?<![\w$.])(?:expect|assert)(?:\s*\.\s*\w{1,30})?\s*\(|\bself\.assert\w{1,40}\s*\(|(?<![\w$.])t\.(?:is|equal|same|ok|not|throws|deepEqual|strictEqual|true|false|match|rejects)\s*\(|\.should\b|^[ \t]{0,80}assert\s/gm,
}

function hasTests(file: AuditedFile): boolean {
  return (
    file.before !== undefined &&
    /(?<![\w$.])(?:it|test|describe)\s*\(/.test(file.before.masked.code) &&
    /\b(?:expect|assert)\b/.test(file.before.masked.code)
  )
}

function weakerTests(file: AuditedFile): readonly Sighting[] {
  const both = bothFacts(file)
  const empty = sightingsOf(file, newFacts(file, 'empty-assertion'), file.after, {
    message: 'An assertion cannot fail',
    // A new file checks no less than none.
    ...(file.change === 'create' && { tier: 'medium' }),
  })
  if (both === undefined) {
    const find = (side: NonNullable<AuditedFile['before']>): readonly Use[] =>
      matchesIn(side, [{ ...assertionText, key: 'assertion' }])
    return sightingsOf(file, lostUses(file, find), file.before, { message: 'An assertion is removed' })
  }
  const ofKind = (kind: FactKind): { readonly before: readonly Fact[]; readonly after: readonly Fact[] } => ({
    before: both.before.filter((fact) => fact.kind === kind),
    after: both.after.filter((fact) => fact.kind === kind),
  })
  const assertions = ofKind('assertion')
  const lost = withoutThose(assertions.before, assertions.after)
  const fewer = assertions.before.length - assertions.after.length
  const changed = skeletons(lost)
  const literalOnly = withoutThose(assertions.after, assertions.before).filter((fact) => changed.has(skeleton(fact)))
  const weak = ofKind('weak-assertion')
  const weaker = weak.after.length > weak.before.length && lost.length > 0 ? newFacts(file, 'weak-assertion') : []
  const subjects = new Set(lost.map(subjectOf))
  const tests = ofKind('test')
  const testsLost = tests.before.length - tests.after.length
  return [
    ...empty,
    ...sightingsOf(file, lost.slice(0, Math.max(0, fewer)), file.before, { message: 'An assertion is removed' }),
    ...weaker.flatMap((use) =>
      sightingsOf(file, [use], file.after, {
        message: 'A weak assertion stands where a strong one stood',
        ...(!subjects.has(subjectOf(use)) && { tier: 'medium' }),
      }),
    ),
    ...sightingsOf(file, withoutThose(tests.before, tests.after).slice(0, Math.max(0, testsLost)), file.before, {
      message: 'A test is removed',
    }),
    ...sightingsOf(file, newFacts(file, 'swallowed-assertion'), file.after, { message: 'A failing assertion is not heard' }),
    ...sightingsOf(file, newFacts(file, 'unreachable'), file.after, { message: 'The test ends before it checks' }),
    ...sightingsOf(file, literalOnly, file.after, { tier: 'medium', message: 'Only the expected value of an assertion changed' }),
  ]
}

/** What an assertion is about: the first thing in brackets. */
function subjectOf({ key }: Use): string {
  return /\(((?:[^()'"`,]|\([^()]{0,200}\)|'[^']{0,100}'|"[^"]{0,100}"){1,300})/.exec(key)?.[1]?.trim() ?? key
}

function skeletons(facts: readonly Fact[]): ReadonlySet<string> {
  return new Set(facts.map(skeleton))
}

/** An assertion with its literals left out. */
function skeleton({ key }: Fact): string {
  return key.replace(/'[^']{0,200}'|"[^"]{0,200}"|`[^`]{0,200}`|\b\d[\d._]{0,30}\b|\b(?:true|false|null|undefined)\b/g, '_')
}

function neuteredScripts(file: AuditedFile): readonly Sighting[] {
  if (!/(?:^|\/)package\.json$/.test(file.path)) return []
  const neutered =
    /"(?:pre|post)?(?:test|lint|typecheck|check|ci|verify)[\w:-]{0,40}"\s*:\s*"(?:[^"\n]{0,300}(?:\|\|\s*(?:true|exit 0|echo\b|:)|;\s*(?:true|exit 0)|&&\s*exit 0|--passWithNoTests|--forceExit|--no-verify)[^"\n]{0,100}|(?:echo\b[^"\n&|;]{0,200}|true|exit 0|:|node -e ['\\"]{0,2}['\\"]{0,2})?)"/g
  return sightingsOf(
    file,
    newUses(file, (side) =>
      matchesIn(side, [{ in: 'text', regex: neutered, unless: (match) => /no test specified/.test(match[0]) }]),
    ),
  )
}

/** Settings of test tools: less is run, less is demanded, or a failure is tried again until it passes. */
function weakerSettings(file: AuditedFile): readonly Sighting[] {
  if (
    !/(?:^|\/)(?:vitest|vite|jest|ava|karma|playwright|cypress|nyc|c8)\.config\.\w+$|(?:^|\/)\.(?:mocharc|nycrc|c8rc|taprc)[\w.]*$|(?:^|\/)package\.json$/.test(
      file.path,
    )
  )
    return []
  const loose = newUses(file, (side) =>
    matchesIn(side, [
      {
        in: 'values',
        regex:
          /\bpassWithNoTests['"]?\s*:\s*true|\b(?:testPathIgnorePatterns|modulePathIgnorePatterns|coveragePathIgnorePatterns)['"]?\s*:\s*\[\s*['"]|\bdangerouslyIgnoreUnhandledErrors['"]?\s*:\s*true|\ballowOnly['"]?\s*:\s*true|\b(?:forceExit)['"]?\s*:\s*true/g,
      },
    ]),
  )
  return [...sightingsOf(file, loose), ...loweredThresholds(file)]
}

function loweredThresholds(file: AuditedFile): readonly Sighting[] {
  const threshold = /\b(lines|branches|functions|statements)['"]?\s{0,4}:\s{0,4}(\d{1,3}(?:\.\d{1,3})?)/g
  const before = new Map<string, number>()
  for (const { text } of file.removed)
    for (const [, name = '', value = ''] of text.slice(0, 2_000).matchAll(threshold)) before.set(name, Number(value))
  return file.added.flatMap(({ line, text }) =>
    Array.from(text.slice(0, 2_000).matchAll(threshold))
      .filter(([, name = '', value = '']) => Number(value) < (before.get(name) ?? 0))
      .map(() => ({ path: file.path, line, evidence: text, message: 'A coverage threshold is lowered' })),
  )
}
