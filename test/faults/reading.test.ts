import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { endedWell } from '../../src/faults/ending.js'
import { readOutput } from '../../src/faults/output.js'
import { fileNamed, placeBelow } from '../../src/faults/place.js'
import { retryAfterMs } from '../../src/faults/retry-after.js'
import { firstMatch, locationOf, placeOf, withoutScheme } from '../../src/faults/rule.js'
import { headerLocation, stackEnd, stackLocation } from '../../src/faults/stack.js'
import { toolOf } from '../../src/faults/tool.js'

describe('retryAfterMs()', () => {
  it.each([
    ['Retry-After: 30', 30_000],
    ["'retry-after': '120'", 120_000],
    ['retry_after=5', 5_000],
    ['retryAfterMs: 250', 250],
    ['retry-after-ms: 1500', 1_500],
    ['retry after 1.5s', 1_500],
    ['try again in 2 minutes', 120_000],
    ['Please wait 1h', 3_600_000],
    ['retry in 300ms', 300],
    ['retry after 20 seconds', 20_000],
  ])('reads %j', (text, ms) => {
    expect(retryAfterMs(text)).toBe(ms)
  })

  it.each(['', 'nothing', 'Retry-After: Wed, 21 Oct 2015 07:28:00 GMT', 'retry in a while', 'wait 999999999 hours', 'retrying'])(
    'finds no wait in %j',
    (text) => {
      expect(retryAfterMs(text)).toBeUndefined()
    },
  )

  it('is between 0 and a day, or unknown', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1e9, noNaN: true }),
        fc.constantFrom('', 'ms', 's', 'm', 'h', ' seconds'),
        (amount, unit) => {
          const waitMs = retryAfterMs(`Retry-After: ${amount}${unit}`)
          if (waitMs !== undefined) {
            expect(waitMs).toBeGreaterThanOrEqual(0)
            expect(waitMs).toBeLessThanOrEqual(86_400_000)
          }
        },
      ),
    )
  })
})

describe('stackLocation()', () => {
  const read = (text: string): ReturnType<typeof readOutput> => readOutput({ output: text })

  it('takes the first frame of the project, not of packages or the runtime', () => {
    const output = read(
      'Error: x\n    at a (/app/node_modules/p/i.js:1:1)\n    at b (node:fs:1:1)\n    at c (file:///app/src/c%20d.js:3:4)\n    at d (/app/src/d.js:1:1)',
    )
    expect(stackLocation(output, 0)).toEqual({ file: '/app/src/c d.js', line: 3, column: 4 })
  })

  it('knows none where there is no frame of the project', () => {
    expect(stackLocation(read('Error: x\n    at a (/app/node_modules/p/i.js:1:1)'), 0)).toBeUndefined()
    expect(stackLocation(read('Error: x\nand prose'), 0)).toBeUndefined()
  })

  it('does not take the frames of the next error', () => {
    const output = read('Error: x\nTypeError: y\n    at f (/app/a.js:1:2)')
    expect(stackLocation(output, 0)).toBeUndefined()
    expect(stackEnd(output, 0)).toBe(0)
  })

  it('reads paths of Windows, frames without brackets, and frames that open a block', () => {
    expect(stackLocation(read('Error: x\n    at f (C:\\app\\src\\a.js:1:2)'), 0)).toEqual({
      file: 'C:\\app\\src\\a.js',
      line: 1,
      column: 2,
    })
    expect(stackLocation(read('Error: x\n    at C:\\app\\a.js:1:2'), 0)).toEqual({ file: 'C:\\app\\a.js', line: 1, column: 2 })
    expect(stackLocation(read('Error: x\n    at async /app/a.js:1:2 {'), 0)).toEqual({ file: '/app/a.js', line: 1, column: 2 })
    expect(stackLocation(read('Error: x\n ❯ total src/a.ts:1:2'), 0)).toEqual({ file: 'src/a.ts', line: 1, column: 2 })
  })

  it('looks only a bounded way down', () => {
    expect(stackLocation(read(`Error: x\n${'prose\n'.repeat(100)}    at f (/app/a.js:1:2)`), 0)).toBeUndefined()
  })
})

describe('stackEnd()', () => {
  it('includes the block of properties, nested causes and the second stack of an emitted error', () => {
    const text =
      "Error: x\n    at f (/app/a.js:1:2)\nEmitted 'error' event on Socket instance at:\n    at g (node:net:1:1) {\n  code: 'E',\n  cause: {\n    a: 1\n  }\n}\nnext"
    expect(stackEnd(readOutput({ output: text }), 0)).toBe(8)
  })

  it('ends with the last frame where the block is never closed', () => {
    expect(stackEnd(readOutput({ output: "Error: x\n    at f (/app/a.js:1:2) {\n  code: 'E'" }), 0)).toBe(1)
  })
})

describe('headerLocation()', () => {
  it('reads file and line above, and the column from the caret', () => {
    expect(headerLocation(readOutput({ output: '/app/a.js:3\n  const a = (\n            ^\n\nSyntaxError: x' }), 4)).toEqual({
      file: '/app/a.js',
      line: 3,
      column: 13,
    })
    expect(headerLocation(readOutput({ output: 'C:\\app\\a.js:3\n\nSyntaxError: x' }), 2)).toEqual({
      file: 'C:\\app\\a.js',
      line: 3,
    })
  })

  it('knows none where nothing looks like one', () => {
    expect(headerLocation(readOutput({ output: 'a\nb\nSyntaxError: x' }), 2)).toBeUndefined()
  })
})

describe('locationOf()', () => {
  it('leaves out what is not a positive whole number', () => {
    expect(locationOf('a.js', '0', '3')).toEqual({ file: 'a.js' })
    expect(locationOf('a.js', '3', '0')).toEqual({ file: 'a.js', line: 3 })
    expect(locationOf('a.js', '9'.repeat(30))).toEqual({ file: 'a.js' })
    expect(locationOf('', '1')).toBeUndefined()
    expect(locationOf(undefined)).toBeUndefined()
  })

  it('placeOf() and firstMatch() answer nothing for no match', () => {
    expect(placeOf(null)).toBeUndefined()
    expect(placeOf(/a/.exec('a'))).toBeUndefined()
    expect(firstMatch(['b', 'c'], /a/)).toBeUndefined()
    expect(firstMatch(['b', 'a'], /a/)?.[0]).toBe('a')
  })

  it('withoutScheme() decodes file URLs and leaves a stray % alone', () => {
    expect(withoutScheme('file:///app/a%20b.js')).toBe('/app/a b.js')
    expect(withoutScheme('file:///C:/app/a.js')).toBe('C:/app/a.js')
    expect(withoutScheme('file:///app/100%.js')).toBe('/app/100%.js')
    expect(withoutScheme('/app/a%20b.js')).toBe('/app/a%20b.js')
  })
})

describe('placeBelow()', () => {
  it.each([
    ['    src/a.ts:1:7:', { file: 'src/a.ts', line: 1, column: 7 }],
    ['  --> src/main.rs:3:5', { file: 'src/main.rs', line: 3, column: 5 }],
    ['   ╭─[ src/a.js:1:13 ]', { file: 'src/a.js', line: 1, column: 13 }],
    ['file: /app/src/a.js:1:8', { file: '/app/src/a.js', line: 1, column: 9 }],
    ['    at file:///app/main.ts:1:8', { file: '/app/main.ts', line: 1, column: 8 }],
    ['C:\\app\\a.ts:1:2', { file: 'C:\\app\\a.ts', line: 1, column: 2 }],
  ])('reads %j', (line, place) => {
    expect(placeBelow({ output: readOutput({ output: `error\n${line}` }), index: 0 })).toEqual(place)
  })

  it.each(['', 'prose about a.js', '- /app/a.js', 'at f (/app/a.js:1:2)', 'error: next', '✘ [ERROR] next'])(
    'reads no place in %j',
    (line) => {
      expect(placeBelow({ output: readOutput({ output: `error\n${line}` }), index: 0 })).toBeUndefined()
    },
  )
})

describe('fileNamed()', () => {
  it('finds the first word of a kind, without the punctuation around it', () => {
    expect(fileNamed('in "/app/package.json": bad', /\.json$/)).toBe('/app/package.json')
    expect(fileNamed('cannot read C:\\app\\a.json.', /\.json$/)).toBe('C:\\app\\a.json')
    expect(fileNamed('nothing here', /\.json$/)).toBeUndefined()
  })
})

describe('endedWell()', () => {
  it('believes the exit code', () => {
    expect(endedWell(readOutput({ output: '3 failing', exitCode: 0 }))).toBe(true)
    expect(endedWell(readOutput({ output: '3 passing', exitCode: 1 }))).toBe(false)
  })

  it('else believes a summary without failures, anywhere near the end', () => {
    expect(endedWell(readOutput({ output: '3 passing\n0 failing' }))).toBe(true)
    expect(endedWell(readOutput({ output: '3 passing\n1 failing' }))).toBe(false)
    expect(endedWell(readOutput({ output: `3 passing\n${'more\n'.repeat(100)}` }))).toBe(false)
    expect(endedWell(readOutput({ output: 'hello' }))).toBe(false)
  })
})

describe('toolOf()', () => {
  it.each([
    ['npx jest --ci', '', 'jest'],
    ['npm test', '', 'npm'],
    ['npm test', 'ℹ tests 3', 'node'],
    ['/usr/local/bin/node node_modules/.bin/vitest run', '', 'vitest'],
    ['cd web && pnpm exec tsc -b', '', 'tsc'],
    ['C:\\app\\node_modules\\.bin\\eslint.cmd .', '', 'eslint'],
    ['python3 -m pytest', '', 'pytest'],
    ['yarn@4 install', '', 'yarn'],
    ['', 'npm ERR! code E404', 'npm'],
    ['', "src/a.ts(1,1): error TS2304: Cannot find name 'x'.", 'tsc'],
    ['./mystery', 'hello', undefined],
    ['', '', undefined],
  ])('hears in %j and %j the tool %s', (command, output, tool) => {
    expect(toolOf(readOutput({ command, output }))).toBe(tool)
  })
})
