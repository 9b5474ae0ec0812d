import { describe, expect, it } from 'vitest'
import { lineAt, readOutput } from '../../src/faults/output.js'

const kindsOf = (text: string): readonly string[] => readOutput({ output: text }).kinds

describe('readOutput()', () => {
  it('joins the streams in the order output, stderr, stdout, and leaves out what is missing', () => {
    expect(readOutput({ stdout: 'c', stderr: 'b', output: 'a' }).lines).toEqual(['a', 'b', 'c'])
    expect(readOutput({ stderr: '', stdout: 'c' }).lines).toEqual(['c'])
    expect(readOutput({}).lines).toEqual([''])
  })

  it('takes a null exit code for an unknown one', () => {
    expect(readOutput({ exitCode: null }).exitCode).toBeUndefined()
    expect(readOutput({ exitCode: 3 }).exitCode).toBe(3)
  })

  it('keeps both ends of a line that is too long', () => {
    const [line = ''] = readOutput({ output: `head${'x'.repeat(1_000_000)}tail` }).lines
    expect(line.length).toBeLessThanOrEqual(2_001)
    expect(line.startsWith('head')).toBe(true)
    expect(line.endsWith('tail')).toBe(true)
  })

  it('keeps head, tail and the interesting middle of a long output', () => {
    const filler = 'nothing to see\n'.repeat(100_000)
    const { lines } = readOutput({ output: `first\n${filler}something failed\nsomething failed\n${filler}last` })
    expect(lines.length).toBeLessThanOrEqual(20_000)
    expect(lines[0]).toBe('first')
    expect(lines.at(-1)).toBe('last')
    expect(lines.filter((line) => line === 'something failed')).toHaveLength(1)
  })

  it('looks only at the ends of far too much', () => {
    const { lines } = readOutput({ output: `first\n${'y'.repeat(20_000_000)}\nlast` })
    expect(lines[0]).toBe('first')
    expect(lines.at(-1)).toBe('last')
  })

  it.each([
    ['2024-05-01T10:00:00.123Z Error: x', 'Error: x'],
    ['[2024-05-01 10:00:00,123] Error: x', 'Error: x'],
    ['#12 3.456 Error: x', 'Error: x'],
    ['[0] Error: x', 'Error: x'],
    ['##[error]Error: x', 'Error: x'],
    ['web-1  | Error: x', 'Error: x'],
    ['│ Error: x', 'Error: x'],
    ['stderr | test/a.test.ts', 'stderr | test/a.test.ts'],
    ['[vite] Error: x', '[vite] Error: x'],
  ])('takes the prefix of %j away', (line, rest) => {
    expect(readOutput({ output: line }).lines).toEqual([rest])
  })

  it('takes the names of tasks and workspaces away where a runner is at work', () => {
    expect(readOutput({ output: 'web:build: cache miss, executing 12\nweb:build: Error: x' }).lines[1]).toBe('Error: x')
    expect(readOutput({ output: 'packages/a build$ tsc\npackages/a build: Error: x\npackages/b build: y' }).lines).toEqual([
      'packages/a build$ tsc',
      'Error: x',
      'packages/b build: y',
    ])
    expect(readOutput({ output: 'web:build: Error: x' }).lines[0]).toBe('web:build: Error: x')
  })

  it.each([
    ['Error: x', 'plain'],
    ['  3 | const a = 1', 'quoted'],
    ['> 3 | const a = 1', 'quoted'],
    ['- expected', 'quoted'],
    ['+1', 'quoted'],
    ['Expected: "ECONNREFUSED"', 'quoted'],
    ['  at f (/app/a.js:1:2)', 'quoted'],
    ['✓ works', 'passing'],
    ['ok 1 - works', 'passing'],
    ['test a ... ok', 'passing'],
    ['not ok 1 - works', 'title'],
    ['● suite › works', 'title'],
    ['✖ works (1.2ms)', 'title'],
    ['✖ 3 problems (3 errors, 0 warnings)', 'plain'],
    ['AssertionError: 1 != 2', 'assertion'],
    ["expected 'a' to be 'b'", 'assertion'],
    ['[warn] slow', 'log'],
    ['npm warn deprecated x', 'log'],
    ['{"level":30,"msg":"x"}', 'log'],
    ['{"level":50,"msg":"x"}', 'plain'],
  ])('says of %j that it is %s', (line, kind) => {
    expect(kindsOf(line)).toEqual([kind])
  })

  it('knows a source line by what stands around it', () => {
    expect(kindsOf('/app/a.js:3\nthrow new Error("x")\n^\n\nError: x')[1]).toBe('quoted')
    expect(kindsOf('  File "/app/a.py", line 3\n    raise ValueError("x")\nValueError: x')).toEqual(['plain', 'quoted', 'plain'])
    expect(kindsOf('  File "/app/a.py", line 3\nValueError: x')[1]).toBe('plain')
  })

  it('knows what a test printed itself', () => {
    expect(kindsOf('  console.error\n    Error: x\n\n      at f (a.js:1:1)\n\nError: y')).toEqual([
      'log',
      'log',
      'log',
      'log',
      'log',
      'plain',
    ])
    expect(kindsOf('stderr | a.test.ts > t\nError: x\n\nError: y')).toEqual(['log', 'log', 'plain', 'plain'])
  })
})

describe('lineAt()', () => {
  it('answers an empty line beyond the ends', () => {
    const output = readOutput({ output: 'a' })
    expect([lineAt(output, -1), lineAt(output, 0), lineAt(output, 1)]).toEqual(['', 'a', ''])
  })
})
