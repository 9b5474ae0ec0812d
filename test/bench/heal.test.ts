import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const run = promisify(execFile)
const bench = fileURLToPath(new URL('../../bench/heal.mjs', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'homeostat-heal-bench-'))
const root = join(folder, 'project')
const source = 'export const larger = (a, b) => (a > b ? a : b)\n'

beforeAll(() => {
  put('package.json', '{ "name": "larger", "type": "module", "scripts": { "test": "node scripts/all.js" } }\n')
  put('src/larger.js', source)
  // One process for all tests: `node --test` starts one for each file.
  put('scripts/all.js', `import fs from 'node:fs'\nfor (const name of fs.readdirSync('test')) await import('../test/' + name)\n`)
  put('test/first.test.js', testOf('larger(2, 1)', 2))
  put('test/second.test.js', testOf('larger(1, 3)', 3))
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('bench/heal.mjs', () => {
  it('counts a repair that gives the bytes back as exact, by its own look at the files', async () => {
    const { summary, hidden } = await healedBy(`fs.writeFileSync(cwd + '/src/larger.js', ${JSON.stringify(source)})`)
    expect(hidden).toEqual(['test/second.test.js'])
    expect(summary).toMatchObject([{ kind: 'test', cases: 1, recovered: 1, exact: 1, wrong: 0 }])
  })

  it('counts a patch that only the visible tests accept as wrong', async () => {
    const { summary } = await healedBy(`fs.writeFileSync(cwd + '/src/larger.js', 'export const larger = () => 2\\n')`)
    expect(summary).toMatchObject([{ recovered: 0, exact: 0, wrong: 1 }])
  })

  it('counts an emptied test and a suppressed check as wrong, in the same case from the same seed', async () => {
    const emptied = await healedBy(`fs.writeFileSync(cwd + '/test/first.test.js', '')`)
    const silenced = await healedBy(`fs.writeFileSync(cwd + '/src/larger.js', ${JSON.stringify(`// @ts-ignore\n${source}`)})`)
    expect(emptied.summary).toMatchObject([{ recovered: 0, wrong: 1 }])
    expect(silenced.summary).toMatchObject([{ recovered: 0, wrong: 1 }])
    expect(silenced.results.map(({ before }) => before)).toEqual(emptied.results.map(({ before }) => before))
  })

  it('counts a case that is left alone as missed, whatever the healer says, and only reads the project', async () => {
    const { summary, results } = await healedBy('')
    expect(summary).toMatchObject([{ recovered: 0, wrong: 0 }])
    expect(results).toMatchObject([{ outcome: 'healed', before: { line: 1 } }])
    expect(readFileSync(join(root, 'src/larger.js'), 'utf8')).toBe(source)
  })

  it('refuses options that mean nothing, before anything runs', async () => {
    for (const [option, reason] of [
      ['--kinds=spelling', 'the kinds are'],
      ['--cases=NaN', 'whole number'],
      ['--timeout=-1', 'whole number'],
    ] as const)
      await expect(run(process.execPath, [bench, '--project', root, option])).rejects.toThrow(reason)
  })
})

interface Document {
  readonly hidden: readonly string[]
  readonly summary: readonly object[]
  readonly results: readonly { readonly before: object }[]
}

/** What the bench says of a healer that does this in the broken copy and claims success. */
async function healedBy(action: string): Promise<Document> {
  const healer = join(folder, 'healer.mjs')
  writeFileSync(
    healer,
    `import fs from 'node:fs'\nconst cwd = process.argv[process.argv.indexOf('--cwd') + 1]\n${action}\nconsole.log('{"outcome":"healed"}')\n`,
  )
  const args = [
    '--project',
    root,
    '--kinds=test',
    '--cases=1',

    '--test=node scripts/all.js',
    `--healer=${healer}`,
    '--json',
  ]
  const { stdout } = await run(process.execPath, [bench, ...args])
  return JSON.parse(stdout)
}

function put(path: string, text: string): void {
  mkdirSync(join(root, path, '..'), { recursive: true })
  writeFileSync(join(root, path), text)
}

function testOf(call: string, expected: number): string {
  return `import { test } from 'node:test'\nimport { equal } from 'node:assert'\nimport { larger } from '../src/larger.js'\ntest('larger()', () => equal(${call}, ${expected}))\n`
}
