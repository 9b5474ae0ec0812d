import { describe, expect, it } from 'vitest'
import { readOutput } from '../../src/faults/output.js'
import { sameFile, testPlaces, type TestPlaces } from '../../src/faults/test-places.js'

function places(lines: readonly string[], testFile?: string): TestPlaces {
  return testPlaces(readOutput({ output: lines.join('\n') }), 0, { end: lines.length, testFile })
}

const frame = (file: string, line: number): string => `    at f (${file}:${line}:1)`
const located = (file: string, line: number): object => ({ file, line, column: 1 })

describe('testPlaces()', () => {
  it('tells the test, and the innermost place of the project that is not in it', () => {
    expect(
      places(['TypeError: x', frame('/app/src/b.js', 3), frame('/app/src/a.js', 9), frame('/app/test/a.test.js', 5)]),
    ).toEqual({
      test: located('/app/test/a.test.js', 5),
      source: located('/app/src/b.js', 3),
    })
  })

  it('tells no source where only the test is in the stack', () => {
    expect(places(['Error: x', frame('/app/node_modules/chai/i.js', 1), frame('/app/test/a.js', 5)])).toEqual({
      test: located('/app/test/a.js', 5),
      source: undefined,
    })
  })

  it('believes the runner about which file the test is in', () => {
    const lines = ['Error: x', frame('/app/checks/helper.js', 2), frame('/app/checks/cart.js', 5)]
    expect(places(lines, 'checks/cart.js')).toEqual({
      test: located('/app/checks/cart.js', 5),
      source: located('/app/checks/helper.js', 2),
    })
    expect(places(['Error: x', frame('/app/src/a.js', 2)], 'test/other.js')).toEqual({
      test: undefined,
      source: located('/app/src/a.js', 2),
    })
  })

  it('takes the outermost place for the test where nothing looks like one', () => {
    expect(places(['Error: x', frame('/app/a.js', 2), frame('/app/b.js', 3)])).toEqual({
      test: located('/app/b.js', 3),
      source: located('/app/a.js', 2),
    })
    expect(places(['Error: x', frame('/app/a.js', 2)])).toEqual({ test: located('/app/a.js', 2), source: undefined })
    expect(places(['Error: x'])).toEqual({ test: undefined, source: undefined })
  })

  it('takes no file of the program for a test because a folder above the project is called so', () => {
    const lines = ['Error: x', frame('/home/me/test/shop/src/a.js', 2), frame('/home/me/test/shop/src/a.spec.ts', 5)]
    expect(places(lines)).toEqual({
      test: located('/home/me/test/shop/src/a.spec.ts', 5),
      source: located('/home/me/test/shop/src/a.js', 2),
    })
  })

  it('prefers the file of tests to a helper in the same folder', () => {
    expect(places(['Error: x', frame('/app/test/helper.js', 2), frame('/app/test/a.test.js', 5)]).test).toEqual(
      located('/app/test/a.test.js', 5),
    )
  })

  it('reads the first stack only', () => {
    const lines = ['Error: x', frame('/app/test/a.test.js', 5), '[cause]: Error: y', frame('/app/src/a.js', 2)]
    expect(places(lines).source).toBeUndefined()
    expect(
      places(['Error: x', '    at f (/app/test/a.test.js:5:1) {', '  actual: Error', frame('/app/src/a.js', 2)]).source,
    ).toBeUndefined()
  })

  it('reads stacks without `at`, those of AVA, and those with source between the frames', () => {
    expect(places(['stack: |-', 'f (/app/src/a.js:2:1)', 'T (/app/test/a.js:5:1)', '...'])).toEqual({
      test: located('/app/test/a.js', 5),
      source: located('/app/src/a.js', 2),
    })
    expect(places(['x', '› f (file://src/a.js:2:1)', '› file://test/a.js:5:1'])).toEqual({
      test: located('test/a.js', 5),
      source: located('src/a.js', 2),
    })
    expect(places(['x', '❯ f src/a.js:2:1', '  1| code', '   | ^', '❯ test/a.js:5:1'])).toEqual({
      test: located('test/a.js', 5),
      source: located('src/a.js', 2),
    })
  })
})

describe('sameFile()', () => {
  it('compares absolute paths, relative ones, and URLs', () => {
    expect(sameFile('/app/test/a.js', 'test/a.js')).toBe(true)
    expect(sameFile('./test/a.js', 'file:///app/test/a.js')).toBe(true)
    expect(sameFile('C:\\app\\test\\a.js', 'test/a.js')).toBe(true)
    expect(sameFile('test/ba.js', 'a.js')).toBe(false)
  })
})
