import { describe, expect, it } from 'vitest'
import { observe, observeEdit, rulesIn } from './audit-sample.js'

async function loud(path: string, before: string | null, after: string): Promise<readonly string[]> {
  const audit = await observeEdit(path, before, after)
  return rulesIn({ ...audit, findings: audit.findings.filter((finding) => finding.verdict !== 'allow') })
}

describe('NET-NEW in a file that hands `fetch` on', () => {
  const handsOn = 'export const client = create({ fetch: globalThis.fetch })\n'
  it('leaves a call of it alone', async () => {
    expect(
      await loud('src/a.js', handsOn, 'export const client = create({ fetch: (...args) => globalThis.fetch(...args) })\n'),
    ).toEqual([])
    const hunk =
      'diff --git a/src/a.js b/src/a.js\n--- a/src/a.js\n+++ b/src/a.js\n@@ -9,1 +9,1 @@\n-client.native = fetch\n+client.native = (...args) => fetch(...args)\n'
    expect((await observe(hunk)).findings).toEqual([])
  })

  it('sees another way to speak, and what only has the name', async () => {
    expect(await loud('src/a.js', handsOn, `import axios from 'axios'\n${handsOn}axios(fetch(1))\n`)).toEqual(['NET-NEW'])
    expect(await loud('src/a.js', handsOn, `${handsOn}new WebSocket(address)\n`)).toEqual(['NET-NEW'])
    for (const name of ['store.fetch', '// fetch', 'const prefetch = 1', 'a = { fetch: b }'])
      expect(await loud('src/a.js', `${name}\n`, `${name}\nfetch(address)\n`), name).toEqual(['NET-NEW'])
  })
})

describe('PROTO-POLLUTE in a function that copies keys', () => {
  const merge = (body: string, guard = ''): string =>
    `export function merge(target, source) {\n${body}  for (const key in source) {\n${guard}    target[key] = merge(target[key], source[key])\n  }\n  return target\n}\n`

  it('leaves another change of it alone, and sees that it is new or loses its guard', async () => {
    expect(await loud('src/merge.js', merge(''), merge('  if (!source) return target\n'))).toEqual([])
    expect(await loud('src/merge.js', 'a()\n', `a()\n${merge('')}`)).toEqual(['PROTO-POLLUTE'])
    expect(await loud('src/merge.js', merge('', "    if (key === '__proto__') continue\n"), merge(''))).toContain('PROTO-POLLUTE')
    expect(await loud('src/merge.js', merge(''), `${merge('')}target.__proto__.admin = true\n`)).toEqual(['PROTO-POLLUTE'])
  })
})

describe('TEST-ASSERT', () => {
  const test = (way: string, body: string): string => `${way}('adds', async (t) => {\n  ${body}\n})\n`
  it('leaves a test alone that is run in another way', async () => {
    const before = test('test', 't.is(a, 1)')
    for (const way of ['test.serial', 'test.concurrent', 'it.sequential'])
      expect(await loud('test/a.test.js', before, test(way, 't.is(a, 1)')), way).toEqual([])
    expect(await loud('test/a.test.js', test('test.serial', 'go(a)'), 'go(a)\n')).toEqual(['TEST-ASSERT'])
  })

  it('leaves it when a callback becomes a promise', async () => {
    const before = test('test', 'go((err) => {\n    assert.ifError(err)\n    assert.equal(a, 1)\n  })')
    expect(await loud('test/a.test.js', before, test('test', 'await go()\n  assert.equal(a, 1)'))).toEqual([])
  })

  it('asks for nothing when a new test cannot fail, and for a person when an old one cannot any more', async () => {
    expect(await loud('test/a.test.js', null, test('test', 'assert.equal(1, 1)'))).toEqual([])
    expect(await loud('test/a.test.js', test('test', 'assert.equal(a, 1)'), test('test', 'assert.equal(1, 1)'))).toEqual([
      'TEST-ASSERT',
    ])
  })
})

describe('HARDCODED-RESULT', () => {
  it('leaves settings of a tool alone that differ in test runs', async () => {
    const settings = (retries: string): string => `export default {\n  retries: ${retries},\n}\n`
    expect(await loud('playwright.config.js', settings('0'), settings('process.env.CI ? 2 : 0'))).toEqual([])
    expect(await loud('src/settings.js', settings('0'), settings('process.env.CI ? 2 : 0'))).toEqual(['HARDCODED-RESULT'])
  })
})
