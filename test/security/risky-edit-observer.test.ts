import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { verdicts, type Verdict } from '../../src/core/finding.js'
import type { Action } from '../../src/core/patch.js'
import type { Rule } from '../../src/security/rule.js'
import { rules } from '../../src/security/rules.js'
import { RiskyEditObserver } from '../../src/security/risky-edit-observer.js'
import { observe, observeEdit, patchOf, rulesIn } from './audit-sample.js'

const diff = (path: string, lines: readonly string[]): string =>
  `--- a/${path}\n+++ b/${path}\n@@ -1,${lines.filter((line) => !line.startsWith('+')).length} +1,${lines.filter((line) => !line.startsWith('-')).length} @@\n${lines.join('\n')}\n`

describe('RiskyEditObserver', () => {
  it('answers with four stages, of which the dynamic one does not run yet', async () => {
    const audit = await observe(
      patchOf([
        ['src/a.js', 'a()\n', 'a()\neval(b)\n'],
        ['package.json', '{"name":"a"}\n', '{"name":"a","scripts":{"postinstall":"node x.js"}}\n'],
        ['.npmrc', '', 'a=b\n'],
      ]),
    )
    expect(audit.verdict).toBe('block')
    expect(audit.stages.static.findings.map((finding) => finding.rule)).toEqual(['CODE-EVAL'])
    expect(audit.stages.threatIntelligence.findings.map((finding) => finding.rule)).toEqual(['DEP-LIFECYCLE'])
    expect(audit.stages.compliance.findings.map((finding) => finding.rule)).toEqual(['SCOPE-PROTECTED'])
    expect(audit.stages.dynamic).toEqual({
      state: 'skipped',
      findings: [],
      durationMs: 0,
      reason: 'The command was not watched',
    })
    expect(audit.findings).toHaveLength(3)
  })

  it('says rule, weakness, severity, place and evidence of a finding', async () => {
    const audit = await observeEdit('src/a.js', 'a()\n', 'a()\n  eval(b)\n')
    expect(audit.findings).toEqual([
      {
        rule: 'CODE-EVAL',
        cwe: 95,
        severity: 'high',
        verdict: 'review',
        message: 'The patch runs text as code',
        location: { file: 'src/a.js', line: 2 },
        evidence: 'eval(b)',
      },
    ])
  })

  it('allows an empty patch, an empty diff and an ordinary edit', async () => {
    expect((await observe(patchOf([]))).verdict).toBe('allow')
    expect((await observe('')).verdict).toBe('allow')
    expect((await observeEdit('src/a.js', 'a(1)\n', 'a(2)\n')).findings).toEqual([])
  })

  it('measures each stage by the clock of its world', async () => {
    let nowMs = 0
    const clock = {
      epochMs: () => 0,
      monoMs: () => (nowMs += 5),
      sleep: () => Promise.resolve(),
      alarm: () => ({ set: () => {}, hold: () => {}, clear: () => {} }),
    }
    const audit = await new RiskyEditObserver({ world: { clock } }).observe('')
    expect([
      audit.stages.static.durationMs,
      audit.stages.threatIntelligence.durationMs,
      audit.stages.compliance.durationMs,
    ]).toEqual([5, 10, 5]) // The lookup of threats counts, too.
    expect((await new RiskyEditObserver().observe('')).stages.static.durationMs).toBeGreaterThanOrEqual(0)
  })

  it('gives the same audit and digest for the same patch, and another digest for any other content', async () => {
    const edits = [['src/a.js', 'a()\n', 'eval(b)\n']] as const
    const audit = await observe(patchOf(edits))
    expect(await observe(patchOf(edits))).toEqual(audit)
    expect(audit.digest).toMatch(/^[0-9a-f]{64}$/)
    const install: Action = { kind: 'install', manager: 'npm', packages: [], folder: '' }
    const others = await Promise.all([
      observe(patchOf([['src/a.js', 'a()\n', 'eval(c)\n']])),
      observe(patchOf(edits, [install])),
      observe(patchOf(edits), {}, { rules: rules.slice(1) }),
      observe(diff('src/a.js', ['-a()', '+eval(b)'])),
    ])
    expect(new Set([audit, ...others].map((other) => other.digest)).size).toBe(5)
  })

  it('sees the same in a patch as in the diff of it, with the file at hand or not', async () => {
    const before = 'one()\ntwo()\nthree()\n'
    const text = diff('src/a.js', [' one()', '-two()', '+eval(two)', ' three()'])
    const audits = await Promise.all([
      observe(patchOf([['src/a.js', before, before.replace('two()', 'eval(two)')]])),
      observe(text),
      observe(text, { before: () => before }),
      observe(text, { before: () => 'something else\nb()\nc()\neval(two)\n' }),
    ])
    for (const audit of audits) expect(audit.findings).toEqual(audits[0]?.findings)
    expect(audits[0]?.findings[0]?.location).toEqual({ file: 'src/a.js', line: 2 })
  })

  it('knows the file around a hunk when it is at hand', async () => {
    const before = `import { spawn } from 'node:child_process'\n${'a()\n'.repeat(20)}`
    const text = `--- a/src/a.js\n+++ b/src/a.js\n@@ -20,2 +20,3 @@\n a()\n a()\n+child_process.spawn('ls')\n`
    expect(rulesIn(await observe(text))).toEqual(['PROC-SPAWN-NEW'])
    expect(rulesIn(await observe(text, { before: () => before }))).toEqual([])
    // Not the file that the diff was made from.
    expect(rulesIn(await observe(text, { before: () => before.replaceAll('a()', 'b()') }))).toEqual(['PROC-SPAWN-NEW'])
  })

  it('asks for no file outside of the workspace', async () => {
    const asked: string[] = []
    const audit = await observe(`--- a/../../etc/passwd\n+++ b/../../etc/passwd\n@@ -1 +1 @@\n-a\n+b\n`, {
      before: (path) => {
        asked.push(path)
        return undefined
      },
    })
    expect(asked).toEqual([])
    expect(rulesIn(audit)).toContain('STR-PATH')
  })

  it('blocks what a rule could not check to the end', async () => {
    const broken: Rule = {
      id: 'BROKEN',
      cwe: 1,
      tier: 'medium',
      stage: 'static',
      title: '',
      rationale: '',
      example: { diff: '' },
      nearMiss: { diff: '' },
      inspect: () => {
        throw new RangeError('too deep')
      },
    }
    const audit = await observe('', {}, { rules: [broken] })
    expect(audit).toMatchObject({
      verdict: 'block',
      findings: [{ rule: 'BROKEN', verdict: 'block', evidence: 'RangeError: too deep' }],
    })
  })

  it('tells at most twenty findings of one rule and file, the gravest first', async () => {
    const many = `${'try { a() } catch { return 1 }\n'.repeat(40)}try { a() } catch {}\n`
    const audit = await observeEdit('src/a.js', 'function f() {\n}\n', `function f() {\n${many}}\n`)
    expect(audit.findings).toHaveLength(20)
    expect(audit.findings[0]).toMatchObject({ rule: 'ERR-SWALLOW', verdict: 'review', location: { line: 42 } })
  })

  it('refuses a policy with an unknown field or a value out of range', () => {
    const wrong: object = { linesMax: 3 }
    expect(() => new RiskyEditObserver({ policy: wrong })).toThrow(expect.objectContaining({ code: 'HS_POLICY_INVALID' }))
    expect(() => new RiskyEditObserver({ policy: { linesChangedMax: 0 } })).toThrow(
      expect.objectContaining({ code: 'HS_POLICY_INVALID' }),
    )
    expect(() => new RiskyEditObserver({ policy: { riskyKeywords: ['a b'] } })).toThrow(
      expect.objectContaining({ code: 'HS_POLICY_INVALID' }),
    )
  })

  it('keeps findings printable and short, whatever the patch holds', async () => {
    const audit = await observeEdit(
      'src/\u001b[31ma.js',
      'a()\n',
      `a()\neval(b) // \u001b]0;title\u0007${'x'.repeat(1_000_000)}\n`,
    )
    expect(audit.verdict).toBe('block')
    for (const finding of audit.findings) {
      expect(finding.evidence.length).toBeLessThanOrEqual(200)
      // eslint-disable-next-line no-control-regex
      expect(`${finding.evidence}${finding.location.file}${finding.message}`).not.toMatch(/[\u0000-\u0008\u001b]/)
    }
  })
})

describe('RiskyEditObserver weighs findings together', () => {
  it('lets one finding of medium weight pass, and asks for a person when there are two in one file', async () => {
    const suppress = '// @ts-ignore\n'
    const computed = 'await import(name)\n'
    expect((await observeEdit('src/a.ts', 'a()\n', `a()\n${suppress}`)).verdict).toBe('allow')
    expect((await observeEdit('src/a.ts', 'a()\n', `a()\n${computed}`)).verdict).toBe('allow')
    const both = await observeEdit('src/a.ts', 'a()\n', `a()\n${suppress}${computed}`)
    expect(both.verdict).toBe('review')
    expect(both.findings.map((finding) => finding.verdict)).toEqual(['review', 'review'])
    expect(
      (
        await observe(
          patchOf([
            ['src/a.ts', 'a()\n', `a()\n${suppress}`],
            ['src/b.ts', 'a()\n', `a()\n${computed}`],
          ]),
        )
      ).verdict,
    ).toBe('allow')
  })

  it('blocks an indicator beside a new capability of the same file', async () => {
    const hidden = "const _0x3fa2b1 = ['\\x63\\x68\\x69\\x6c\\x64\\x5f\\x70\\x72']\n"
    const spawns = "import { spawn } from 'node:child_process'\n"
    expect((await observeEdit('src/a.js', 'a()\n', `a()\n${hidden}`)).verdict).toBe('review')
    expect((await observeEdit('src/a.js', 'a()\n', `${spawns}a()\n`)).verdict).toBe('review')
    expect((await observeEdit('src/a.js', 'a()\n', `${spawns}a()\n${hidden}`)).verdict).toBe('block')
    expect(
      (
        await observe(
          patchOf([
            ['src/a.js', 'a()\n', `${spawns}a()\n`],
            ['src/b.js', 'a()\n', `a()\n${hidden}`],
          ]),
        )
      ).verdict,
    ).toBe('review')
  })
})

describe('RiskyEditObserver keeps its laws', () => {
  const rank = (verdict: Verdict): number => verdicts.indexOf(verdict)
  const harmless = fc.constantFrom('a()', 'const b = 1', 'if (c) d()', '// note', 'export const e = () => f(1)', "g('x')", '')
  const risky = fc.constantFrom(
    'eval(x)',
    "import { spawn } from 'node:child_process'",
    'connect({ rejectUnauthorized: false })',
    '// @ts-ignore',
    'const \u202ea = 1',
    "const _0xabcdef = '\\x63\\x68\\x69\\x6c\\x64\\x5f\\x70\\x72'",
    'await import(name)',
    "fetch('https://webhook.site/x')",
    'rmSync("/")',
    'for (;;) {}',
    'target.__proto__.x = 1',
  )

  it('more risk never makes the verdict more permissive', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(harmless, { maxLength: 6 }),
        fc.array(fc.oneof(harmless, risky), { maxLength: 6 }),
        risky,
        fc.nat(20),
        async (before, added, more, where) => {
          const without = [...before, ...added]
          const at = before.length + (where % (added.length + 1))
          const withMore = [...without.slice(0, at), more, ...without.slice(at)]
          const text = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('')
          const verdict = (await observeEdit('src/a.js', text(before), text(without))).verdict
          expect(rank((await observeEdit('src/a.js', text(before), text(withMore))).verdict)).toBeGreaterThanOrEqual(
            rank(verdict),
          )
        },
      ),
      { numRuns: 150 },
    )
  })

  it('a further file never makes the verdict more permissive', async () => {
    await fc.assert(
      fc.asyncProperty(risky, fc.oneof(harmless, risky), async (first, second) => {
        const one = patchOf([['src/a.js', 'a()\n', `a()\n${first}\n`]])
        const two = patchOf([
          ['src/a.js', 'a()\n', `a()\n${first}\n`],
          ['src/b.js', 'a()\n', `a()\n${second}\n`],
        ])
        expect(rank((await observe(two)).verdict)).toBeGreaterThanOrEqual(rank((await observe(one)).verdict))
      }),
      { numRuns: 60 },
    )
  })

  it('whatever text it is given is answered, never thrown', async () => {
    const scrap = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 30 }),
      fc.constantFrom(
        '--- a/x.js\n',
        '+++ b/x.js\n',
        '@@ -1 +1 @@\n',
        '-a\n',
        '+b\n',
        ' c\n',
        'diff --git a/x b/x\n',
        'GIT binary patch\n',
        'rename from a\n',
        '\0',
        '\\ No newline at end of file\n',
      ),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(scrap, { maxLength: 12 }), async (scraps) => {
        const audit = await observe(scraps.join(''))
        if (rulesIn(audit).includes('STR-MALFORMED')) expect(audit.verdict).toBe('block')
      }),
      { numRuns: 150 },
    )
  })

  it('whatever a file holds before and after is answered, never thrown', async () => {
    const scrap = fc.oneof(
      { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
      {
        weight: 3,
        arbitrary: fc.constantFrom(
          '(',
          ')',
          '{',
          '}',
          '`',
          '${',
          "'",
          '"',
          '/',
          'eval',
          'try',
          'catch',
          'class A',
          'import',
          'process.env',
          '=>',
          '=',
          ';',
          '\n',
          '"dependencies":',
          'it.skip(',
          '/*',
          '*/',
          ',',
          '.',
        ),
      },
    )
    const text = fc.array(scrap, { maxLength: 30 }).map((scraps) => scraps.join(''))
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(
          'a.js',
          'a.tsx',
          'test/a.test.js',
          'package.json',
          'a.py',
          '.github/workflows/a.yml',
          'a.vue',
          'package-lock.json',
          'x',
        ),
        fc.option(text),
        text,
        async (path, before, after) => {
          const audit = await observeEdit(path, before, after)
          expect(verdicts).toContain(audit.verdict)
        },
      ),
      { numRuns: 150 },
    )
  })

  it.each([
    ['one line of a megabyte', 'a'.repeat(1_000_000)],
    ['blanks after a call', `eval(${' '.repeat(300_000)}`],
    ['an endless comment', `eval /*${'x'.repeat(300_000)}`],
    ['line ends', '\n'.repeat(50_000)],
    ['brackets', '('.repeat(300_000)],
    ['a deep chain', 'a['.repeat(100_000)],
    ['words of a secret', 'password = '.repeat(30_000)],
    ['queries without an end', '`SELECT '.repeat(40_000)],
    ['fetches without an end', 'fetch(process.env.A '.repeat(15_000)],
  ])('%s takes no more than the time of its length', async (_, text) => {
    const startedMs = performance.now()
    await observeEdit('src/a.js', 'a()\n', text)
    await observeEdit('.github/workflows/a.yml', 'a: b\n', text)
    // A square of the length would take hours.
    expect(performance.now() - startedMs).toBeLessThan(15_000)
  })
})
