import { describe, expect, it } from 'vitest'
import { focused, testScriptOf } from '../../../src/repair/tests/test-script.js'
import { memoryWorkspace } from '../../../src/testing/memory-workspace.js'

function scriptOf(
  scripts: Record<string, string>,
  command: readonly string[] = ['npm', 'test'],
  files: Record<string, string> = {},
) {
  return testScriptOf(memoryWorkspace({ 'package.json': JSON.stringify({ scripts }), ...files }), command)
}

describe('testScriptOf()', () => {
  it.each([
    ['node --test', 'node-test'],
    ['node --import tsx --test test/*.ts', 'node-test'],
    ['node test/all.js', 'node'],
    ['mocha --reporter dot', 'mocha'],
    ['cross-env CI=1 jest', 'jest'],
    ['vitest', 'vitest'],
    ['eslint . && ava && tsd', 'ava'],
    ['nyc --reporter=lcov tape "test/*.js"', 'tape'],
    ['c8 --100 node node_modules/mocha/bin/mocha.js', 'mocha'],
    ['tsc --noEmit && uvu test', 'uvu'],
  ])('finds the runner of %j', (test, runner) => {
    expect(scriptOf({ test })?.runner).toBe(runner)
  })

  it('follows scripts that call scripts, and stops where they call themselves', () => {
    expect(scriptOf({ test: 'npm run lint && npm run unit', lint: 'eslint .', unit: 'mocha' })?.runner).toBe('mocha')
    expect(scriptOf({ test: 'npm test' })).toBeUndefined()
  })

  it('keeps a build that comes before the tests apart from them', () => {
    const build = ['sh', '-c', expect.stringMatching(/; rimraf lib && tsc$/)]
    expect(scriptOf({ test: 'rimraf lib && tsc && node --test' })).toMatchObject({ runner: 'node-test', prepare: build })
    expect(scriptOf({ pretest: 'eslint . && npm run build', build: 'rimraf lib && tsc', test: 'mocha' })).toMatchObject({
      runner: 'mocha',
      prepare: build,
    })
    expect(scriptOf({ pretest: 'tsc --noEmit', test: 'mocha' })).not.toHaveProperty('prepare')
    expect(scriptOf({ pretest: 'tsc', test: 'mocha' }, ['npx', 'mocha'])).not.toHaveProperty('prepare')
  })

  it('runs all in a row where there are several runners, or more comes after the tests', () => {
    for (const test of ['mocha && node --test', 'mocha && sh after.sh'])
      expect(scriptOf({ test })).toMatchObject({ runner: 'other', command: ['sh', '-c', expect.stringContaining(test)] })
  })

  it('hands patterns to the shell', () => {
    expect(scriptOf({ test: 'tape test/*.js' })?.command.at(-1)).toContain('tape test/*.js')
  })

  it('runs installed programs by their path, without coverage and without waiting', () => {
    const files = { 'node_modules/.bin/vitest': '' }
    expect(scriptOf({ test: 'vitest --coverage' }, undefined, files)?.command).toEqual([
      'node_modules/.bin/vitest',
      'run',
      '--coverage.enabled=false',
    ])
  })

  it('keeps variables, and no forged ones', () => {
    expect(scriptOf({ test: 'TZ=UTC __proto__=1 mocha' })?.env).toEqual({ TZ: 'UTC' })
  })

  it('reads a command that is no script', () => {
    expect(scriptOf({}, ['npx', 'mocha', 'test/a b.js'])?.runner).toBe('mocha')
    expect(scriptOf({}, ['make', 'check'])).toBeUndefined()
  })
})

describe('focused()', () => {
  function partOf(test: string, name?: string, files: readonly string[] = ['test/a.test.js']) {
    const script = scriptOf({ test }, undefined, {
      'node_modules/.bin/mocha': '',
      'node_modules/.bin/jest': '',
      'node_modules/.bin/vitest': '',
      'node_modules/.bin/ava': '',
      'node_modules/.bin/tape': '',
    })
    return script === undefined ? undefined : focused(script, { files, ...(name !== undefined && { name }) })
  }

  it('names files in place of those of the script', () => {
    expect(partOf('mocha -r ./setup.js --timeout 9 test/')).toEqual([
      'node_modules/.bin/mocha',
      '-r',
      './setup.js',
      '--timeout',
      '9',
      'test/a.test.js',
    ])
  })

  it('starts a single file of node:test without the runner', () => {
    expect(partOf('node --test')).toEqual(['node', 'test/a.test.js'])
    expect(partOf('node --test', undefined, ['a.js', 'b.js'])).toEqual(['node', '--test', 'a.js', 'b.js'])
  })

  it('names one test, as each runner wants it', () => {
    expect(partOf('mocha', 'a (b)')).toContain('a (b)')
    expect(partOf('jest', 'a (b)')).toEqual([
      'node_modules/.bin/jest',
      '--coverage=false',
      '-t',
      'a \\(b\\)',
      '--runTestsByPath',
      'test/a.test.js',
    ])
    expect(partOf('vitest run', 'a')).toEqual([
      'node_modules/.bin/vitest',
      'run',
      '--coverage.enabled=false',
      '-t',
      'a',
      'test/a.test.js',
    ])
    expect(partOf('node --test', 'a.b')).toEqual(['node', '--test-name-pattern=a\\.b', 'test/a.test.js'])
    expect(partOf('ava', 'a')).toContain('--match=a')
  })

  it('is absent where the runner cannot run a part', () => {
    expect(partOf('tape test/a.js', 'a')).toBeUndefined()
    expect(partOf('mocha && tape a.js', 'a')).toBeUndefined()
    expect(partOf('mocha', undefined, [])).toBeUndefined()
  })
})
