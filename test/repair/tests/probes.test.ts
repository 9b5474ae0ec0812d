import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createContext, runInContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { coverageCommand, readCoverage } from '../../../src/repair/tests/coverage-script.js'
import { probed, probedFiles, withProbes } from '../../../src/repair/tests/probes.js'
import { Spectrum } from '../../../src/repair/tests/spectrum.js'
import { treeOf } from '../../../src/repair/tests/syntax-tree.js'

/** Programs in which a probe may end a statement too early, or change what a word means. Each leaves its answer in `told`. */
const programs = [
  'var told = []\nfor (let i = 0; i < 3; i++) if (i) told.push(i)\nelse told.push(-i)',
  'var told = ((a) => a ? { b: a || 0 } : [a && 1])(2)',
  'const f = () => ({ a: 1 })\nconst g = (x) => (x, x + 1)\nvar told = [f(), g(2)]',
  'function f(n) { "use strict"; if (n < 1) return n\n  return (n) > 2 ? f(n - 1) : n ?? 3 }\nvar told = f(4)',
  'let n = 1\nconst g = () => n\nn += 2\n;[1].forEach((x) => { n = n - x\n;[2].forEach((y) => { n -= y }) })\nvar told = [n, g()]',
  'function f(x) { switch (x) { case 1: { return 1 } case 2: var y = 2; default: return y } }\nvar told = [f(1), f(2), f(3)]',
  'outer: for (var i = 0; i < 3; i++) { for (;;) { if (i === 1) continue outer; break } }\nvar told = i',
  'class A { n = 3; static { A.m = 2 } get twice() { return this.n * 2 } }\nclass B extends A { constructor() { super(); this.k = 1 } }\nvar told = [new B().twice, A.m, new B().k]',
  'function f() { return g(); function g() { return typeof g } }\nvar told = f()',
  'var i = 0\ndo i++; while (i < 3)\nwhile (i < 5) i++\nfor (const x of [1]) i += x\nvar told = i',
]

function run(code: string, seen?: (at: number) => void): string {
  const process = seen === undefined ? {} : { homeostatSeen: seen }
  return JSON.stringify(runInContext(`${code}\ntold`, createContext({ process }))) ?? 'undefined'
}

describe('probed()', () => {
  it.each(programs)('leaves what a program does as it is, whether anybody listens or not: %s', (text) => {
    const told = probed('a.js', text, 7)
    if (told === undefined) throw new Error('no probes')
    const heard = new Set<number>()
    expect(run(told.text)).toBe(run(text))
    expect(run(told.text, (at) => heard.add(at))).toBe(run(text))
    for (const at of heard) expect(told.places[at - 7]).toBeDefined()
    expect(told.places.length === 0 || heard.size > 0).toBe(true)
  })

  it('reads as TypeScript where the file is, and has nothing to say of what does not parse', () => {
    const text = 'declare const a: number\nexport const f = <T,>(x: T): T | undefined => x ?? (undefined as T | undefined)\n'
    expect(treeOf('a.ts', probed('a.ts', text, 0)?.text ?? 'const')).toBeDefined()
    expect(probed('a.js', 'const {', 0)).toBeUndefined()
  })
})

describe('withProbes()', () => {
  const text = `exports.f = (a) => {
  if (a > 1) return 'many'
  return a ? 'one' : 'none'
}
exports.never = () => { throw new Error('never') }
`
  const files = probedFiles(
    ['other.js', 'a.js', 'broken.js'],
    (path) => ({ 'a.js': text, 'other.js': 'f(() => 1)', 'broken.js': '{' })[path],
  )

  it('tells what was executed of each file, after the numbers of its probes, through processes and workers', () => {
    const folder = mkdtempSync(join(tmpdir(), 'probes-'))
    try {
      for (const { path, text: held } of files) writeFileSync(join(folder, path), held)
      // A worker that is ended from outside says nothing at its end.
      const worker = `const { Worker, isMainThread, parentPort } = require('worker_threads')
if (isMainThread) { const w = new Worker(__filename); w.on('message', async () => { await w.terminate(); process.exit(1) }) }
else { require('./a.js').f(1); parentPort.postMessage(1); setInterval(() => {}, 1000) }`
      writeFileSync(join(folder, 'worker.js'), worker)
      const command = coverageCommand([{ command: [process.execPath, 'worker.js'], env: {} }], {
        timeoutMs: 20_000,
        isProbed: true,
      })
      const done = spawnSync(process.execPath, command.slice(1), { cwd: folder, encoding: 'utf8' })
      const [measured] = readCoverage(done.stdout)
      if (measured === undefined) throw new Error(done.stderr)
      expect(measured.exitCode).toBe(1)
      const all = withProbes(measured, files)
      expect(Object.keys(all.files)).toEqual(['a.js'])
      const spectrum = new Spectrum({ all, failing: [all], read: () => text })
      const at = (words: string): number => spectrum.suspicion('a.js', text.indexOf(words))
      expect(at("'one'")).toBeGreaterThan(0.5)
      expect(at("'many'") + at("return 'many'") + at("'none'") + at('throw')).toBe(0)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }, 30_000)

  it('leaves out files that were not executed', () => {
    const nothing = { exitCode: 1, durationMs: 1, output: '', probes: [], files: { 'a.js': { functions: [] } } }
    expect(withProbes(nothing, files).files).toEqual({})
  })
})
