import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readVariants, variantCommand, type VariantRuns } from '../../../src/repair/tests/variant-script.js'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'variant-script-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

/** Runs the driver on programs that read the number of their variant. */
function drive(code: string, more: Partial<VariantRuns> = {}) {
  write({ 'test.cjs': `const id = Number(process.env.HOMEOSTAT_VARIANT);\n${code}` })
  const [program = '', ...rest] = variantCommand({
    variants: [1, 2, 3, 4, 5].map((id) => [id, 1 / id] as const),
    commands: [{ command: ['node', 'test.cjs'], env: { FOR_TESTS: 'yes' } }],
    repeats: [],
    runner: 'node',
    totalMs: 20_000,
    timeoutMs: 5_000,
    parallelMax: 2,
    moreMax: 40,
    shareMin: 0,
    ...more,
  })
  const env = { PATH: process.env['PATH'], TMPDIR: join(root, 'temporary') }
  mkdirSync(env.TMPDIR, { recursive: true })
  const { stdout } = spawnSync(program, rest, { cwd: root, encoding: 'utf8', env })
  return { results: readVariants(stdout), left: readdirSync(env.TMPDIR) }
}

function write(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
}

describe('variantCommand()', () => {
  it('tells which variants pass, in their order, what the failing run printed, and leaves nothing behind', () => {
    const { results, left } = drive(
      'console.log(`I am ${id}, ${process.env.FOR_TESTS}`); process.exit(id === 2 || id === 4 ? 0 : 1)',
    )
    expect(results).toMatchObject({ isFailing: true, passed: [2, 4], tried: [1, 2, 3, 4, 5], late: 0, output: 'I am 0, yes\n' })
    expect(left).toEqual([])
  }, 30_000)

  it('builds once, before anything else', () => {
    write({ 'build.cjs': "require('fs').appendFileSync('built.txt', 'x')" })
    const { results } = drive("process.exit(id === 2 && require('fs').readFileSync('built.txt', 'utf8') === 'x' ? 0 : 1)", {
      prepare: ['node', 'build.cjs'],
    })
    expect(results).toMatchObject({ isFailing: true, passed: [2] })
  }, 30_000)

  it('runs nothing where the code does not fail', () => {
    expect(drive('').results).toMatchObject({ isFailing: false, tried: [], passed: [] })
  }, 30_000)

  it('asks those that pass one command to pass all', () => {
    write({ 'all.cjs': 'process.exit(process.env.HOMEOSTAT_VARIANT === "3" ? 0 : 1)' })
    const commands = [
      { command: ['node', 'test.cjs'], env: {} },
      { command: ['node', 'all.cjs'], env: {} },
    ]
    expect(drive('process.exit(id >= 2 ? 0 : 1)', { commands }).results?.passed).toEqual([3])
  }, 30_000)

  it('stops a variant that does not end, and goes on', () => {
    const { results } = drive('if (id === 1) for (;;); process.exit(id === 5 ? 0 : 1)', { timeoutMs: 1_500 })
    expect(results).toMatchObject({ passed: [5], tried: [1, 2, 3, 4, 5] })
    expect(results?.late).toBeGreaterThan(0)
  }, 30_000)

  it('stops some while after the first that passes, and where the rest is far less likely', () => {
    const one = { parallelMax: 1 }
    expect(drive('process.exit(id >= 1 ? 0 : 1)', { ...one, moreMax: 1 }).results?.tried).toEqual([1, 2])
    expect(drive('process.exit(id >= 1 ? 0 : 1)', { ...one, shareMin: 0.4 }).results?.passed).toEqual([1, 2])
  }, 30_000)

  it('starts nothing more when its time is over', () => {
    expect(drive('process.exit(1)', { totalMs: 1 }).results).toMatchObject({ isFailing: true, tried: [] })
  }, 30_000)

  it('keeps a runner running, and asks a process before it believes one that passes', () => {
    // The interface of Vitest as far as it is used, and a program of the same name.
    write({
      'node_modules/vitest/package.json': '{"name":"vitest","type":"module","exports":{"./node":"./node.js"}}',
      'node_modules/vitest/node.js': `import { appendFileSync } from 'node:fs'
appendFileSync('loaded', 'x')
export const parseCLI = (words) => ({ filter: words.slice(2), options: {} })
export async function createVitest(mode, options) {
  return {
    globTestSpecifications: async (filter) => filter,
    runTestSpecifications: async (files) => {
      const id = Number(process.env.HOMEOSTAT_VARIANT)
      if (id === 4) for (;;);
      return { unhandledErrors: [], testModules: files.map(() => ({ state: () => (id === 2 || id === 3 ? 'passed' : 'failed') })) }
    },
  }
}`,
    })
    const commands = [{ command: ['node', 'test.cjs', 'run', 'a.test.js'], env: {} }]
    const { results } = drive("require('fs').appendFileSync('started', String(id)); process.exit(id === 3 ? 0 : 1)", {
      commands,
      runner: 'vitest',
      parallelMax: 1,
      timeoutMs: 3_000,
    })
    expect(results).toMatchObject({ isFailing: true, passed: [3], tried: [1, 2, 3, 4, 5], late: 1 })
    // Loaded once, and again after the variant that did not end; processes: the failing run and the two that passed.
    const read = (name: string) => spawnSync('cat', [join(root, name)], { encoding: 'utf8' }).stdout
    expect([read('loaded'), read('started')]).toEqual(['xx', '023'])
  }, 60_000)

  it('runs processes where a runner cannot be kept running', () => {
    const { results } = drive('process.exit(id === 4 ? 0 : 1)', { runner: 'jest' })
    expect(results).toMatchObject({ isFailing: true, passed: [4], tried: [1, 2, 3, 4, 5] })
  }, 60_000)
})

describe('readVariants()', () => {
  const mark = '\u241ehomeostat-variants:'
  it.each([
    '',
    'no mark',
    `${mark}{"a":`,
    `${mark}null`,
    `${mark}{}`,
    `${mark}{"isFailing":true,"output":"","passed":["1"],"tried":[1],"repeated":0,"late":0,"baselineMs":1,"durationMs":1}`,
    `${mark}{"isFailing":true,"output":"","passed":[1],"tried":["1"],"repeated":0,"late":0,"baselineMs":1,"durationMs":1}`,
  ])('reads nothing from %j', (output) => expect(readVariants(output)).toBeUndefined())
})
