import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { canRepeat } from '../../../src/repair/tests/repeat-script.js'
import type { TestRunner } from '../../../src/repair/tests/test-script.js'
import { readVariants, variantCommand } from '../../../src/repair/tests/variant-script.js'

const installed = fileURLToPath(new URL('../../../node_modules', import.meta.url))

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'repeat-script-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function write(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
}

/** What a mutant schema asks, and a line for each process that loads it. */
const asking = `
const { appendFileSync } = process.getBuiltinModule('fs')
appendFileSync('started', 'x')
let one
const on = (id) => {
  one ??= process.homeostatVariants?.() ?? { current: Number(process.env.HOMEOSTAT_VARIANT) }
  return one.asked === undefined ? one.current === id : one.asked(id)
}
const [, , , isEndless, isExit, isThrown, isWrong, isRight] = [0, 1, 2, 3, 4, 5, 6, 7].map((id) => () => on(id))
const isLoaded = on(9)
let left = 0
function sound() {
  // Each repetition must find things as the first one did.
  if (left !== 1) throw new Error('not as before')
  left += 1
  for (const id of [1, 2, 8]) if (on(id)) throw new Error('wrong')
  if (isEndless()) for (;;) on(3)
  if (isExit()) process.kill(process.pid, 'SIGKILL')
  if (isThrown()) setImmediate(() => { throw new Error('thrown where nobody catches it') })
  if (![isRight(), isWrong(), isLoaded].includes(true)) throw new Error('wrong')
}
function other() { if (isWrong()) throw new Error('wrong') }
const first = () => { left = 1 }
`

/** Runs all variants of that code. */
function drive(runner: TestRunner, command: readonly string[], ids = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]) {
  const runs = [{ command, env: {} }]
  const [program = '', ...rest] = variantCommand({
    variants: ids.map((id) => [id, 1 - id / 100] as const),
    commands: runs,
    repeats: runs,
    runner,
    totalMs: 40_000,
    timeoutMs: 10_000,
    parallelMax: 1,
    moreMax: 40,
    shareMin: 0,
  })
  const env = { PATH: process.env['PATH'], TMPDIR: join(root, 'temporary') }
  mkdirSync(env.TMPDIR, { recursive: true })
  const { stdout, stderr } = spawnSync(program, rest, { cwd: root, encoding: 'utf8', env })
  const results = readVariants(stdout)
  if (results === undefined) throw new Error(stdout + stderr)
  return { results, starts: readFileSync(join(root, 'started'), 'utf8').length }
}

const found = { isFailing: true, passed: [7, 9], tried: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], repeated: 8 }

describe('variantCommand() with tests that are repeated', () => {
  it("finds what makes tests of Node's own runner pass with a few processes, whatever a variant does to them", () => {
    write({
      'test.cjs': `const { test, beforeEach } = require('node:test')\n${asking}\nbeforeEach(first)\ntest('sound', sound)\ntest('other', other)\n`,
    })
    const { results, starts } = drive('node', ['node', 'test.cjs'])
    expect(results).toMatchObject({ ...found, late: 1 })
    // As it is, twice repeated, once more for what kills the process, and what may be right, each in a process of its own.
    expect(starts).toBeLessThanOrEqual(7)
  }, 60_000)

  it('finds it with callbacks and with tests inside tests', () => {
    write({
      'test.cjs': `const { test, beforeEach } = require('node:test')\n${asking}
test('a', (t, done) => { first(); try { sound(); setImmediate(done) } catch (error) { done(error) } })
test('b', async (t) => { await t.test('c', () => { first(); sound() }); await t.test('d', other) })\n`,
    })
    expect(drive('node', ['node', 'test.cjs']).results).toMatchObject(found)
  }, 60_000)

  it('finds it with Vitest', () => {
    symlinkSync(installed, join(root, 'node_modules'))
    write({
      'package.json': '{"type":"module"}',
      'a.test.js': `import { beforeEach, test } from 'vitest'\n${asking}\nbeforeEach(first)\ntest('sound', sound)\ntest('other', other)\n`,
    })
    // Vitest keeps its processes from being killed for long; that is what the other runs are for.
    const ids = [1, 2, 3, 5, 6, 7, 8, 9, 10]
    const { results } = drive('vitest', ['node_modules/.bin/vitest', 'run', '--coverage.enabled=false', 'a.test.js'], ids)
    expect(results).toMatchObject({ ...found, tried: ids, repeated: 7 })
  }, 60_000)

  it('finds it with Mocha, hooks included', () => {
    // The interface of Mocha as far as it is used.
    write({
      'node_modules/mocha/lib/runner.js': `module.exports = class Runner {
  constructor(test, hook) { Object.assign(this, { test, hook }) }
  hookUp(name, done) { setImmediate(done) }
  hookDown(name, done) { this.hook(); setImmediate(done) }
  runTest(done) { this.test.run(done) }
}`,
      'node_modules/mocha/bin/mocha.js': `const Runner = require('../lib/runner.js')
${asking}
async function main() {
  let failures = 0
  for (const fn of [sound, other]) {
    first()
    const test = { fn, run(done) { try { fn(); done() } catch (error) { done(error) } } }
    await new Promise((resolve) => new Runner(test, first).runTest((error) => { if (error) failures += 1; resolve() }))
  }
  process.exit(failures)
}
main()`,
    })
    expect(drive('mocha', ['node', 'node_modules/mocha/bin/mocha.js']).results).toMatchObject(found)
  }, 60_000)

  it('finds it where nothing can be repeated, with a process for each', () => {
    write({ 'test.cjs': `${asking}\nfirst()\nsound()\nother()\n` })
    const { results, starts } = drive('node', ['node', 'test.cjs'])
    expect(results).toMatchObject({ ...found, repeated: 0 })
    expect(starts).toBeGreaterThan(10)
  }, 60_000)
})

describe('canRepeat()', () => {
  it('knows the runners whose tests are within reach', () => {
    expect(canRepeat('mocha')).toBe(true)
    expect(canRepeat('other')).toBe(false)
  })
})
