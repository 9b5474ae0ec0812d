import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { run } from '../../src/cli/run.js'
import { faultClassOf } from '../../src/memory/knowledge/fault-class.js'
import { classify } from '../../src/faults/classify.js'
import { temporaryFolder } from '../adapters/temporary.js'
import { experience } from '../memory/knowledge/experiences.js'
import { fakeTerminal } from './fake-terminal.js'

const stderr = (name: string): string => `Error: Cannot find module '${name}'\nRequire stack:\n- /app/index.js\n`
const learnt = (fields: Parameters<typeof experience>[0] = {}): string => {
  const [fault] = classify({ output: stderr('express'), command: 'node index.js' })
  if (fault === undefined) throw new RangeError('There is no fault')
  return JSON.stringify(experience({ faultClass: faultClassOf(fault), ...fields }))
}

function project() {
  const root = temporaryFolder()
  return {
    root,
    async patterns(argv: readonly string[], input = '') {
      const terminal = fakeTerminal({ cwd: root, input })
      const code = await run(['patterns', ...argv], terminal)
      return { code, out: terminal.printed(), err: terminal.told() }
    },
    async json(argv: readonly string[], input = ''): Promise<unknown> {
      const terminal = fakeTerminal({ cwd: root, input })
      const code = await run(['patterns', ...argv, '--json'], terminal)
      expect(code, terminal.told()).toBe(0)
      return JSON.parse(terminal.printed())
    },
  }
}

describe('homeostat patterns', () => {
  it('stores, finds and predicts', async () => {
    const { root, patterns, json } = project()
    const lines = `${learnt()}\n\n${learnt({ strategy: 'guess', outcome: 'failed' })}\n`
    expect(await patterns(['store'], lines)).toEqual({ code: 0, out: 'stored 2\n', err: '' })
    expect(existsSync(join(root, '.homeostat', 'knowledge.db'))).toBe(true)
    expect(await json(['store', '-'], `[${learnt()}]`)).toEqual({ stored: 1 })

    expect(
      await json(['predict', '-', '--limit', '1', '--exit-code', '1', '--command', 'node index.js'], stderr('lodash')),
    ).toMatchObject({
      fault: { code: 'MODULE_NOT_FOUND' },
      predictions: [{ strategy: 'dependency', match: 'exact', worked: 2, failed: 0 }],
    })
    const shown = await patterns(['predict', '--command', 'node index.js'], stderr('lodash'))
    expect(shown.out).toMatch(/dependency MODULE_NOT_FOUND[^]*dependency: 2 of 2 worked[^]*guess: 0 of 1 worked/)
    expect(await json(['predict'], 'all is well')).toEqual({ fault: null, predictions: [] })
    expect((await patterns(['predict'], 'TypeError: x is not a function\n    at a.js:1:1')).out).toContain('nothing like it')

    expect(await json(['search', 'left-pad', 'module', '--limit', '1'])).toMatchObject([{ parameters: { package: 'left-pad' } }])
    expect((await patterns(['search', 'guess'])).out).toContain('guess package=left-pad: 0 of 1 worked')
    expect((await patterns(['search', 'weather'])).out).toBe('nothing is known of it\n')
  })

  it('analyzes, measures and prunes', async () => {
    const { patterns, json } = project()
    for (let at = 0; at < 6; at += 1) await patterns(['store'], learnt({ strategy: 'weak', outcome: 'failed', epochMs: at + 1 }))
    expect(await json(['analyze'])).toMatchObject({ attempts: 6, byStrategy: [{ name: 'weak', failed: 6 }] })
    const { out } = await patterns(['analyze'])
    for (const text of [
      '6 attempts, 1 patterns',
      'by strategy',
      'met again and again',
      'over time',
      'advice',
      'a person should look',
    ])
      expect(out).toContain(text)
    expect(await json(['metrics'])).toMatchObject({ patterns: 1, failed: 6, successRatio: 0, experiences: 6 })
    expect((await patterns(['metrics'])).out).toContain('successRatio: 0\n')
    expect(await json(['prune', '--age-days', '0.5', '--confidence-min', '0.3', '--keep-min', '0'])).toMatchObject({
      stripped: 1,
      forgotten: 6,
      kept: 0,
    })
    expect((await patterns(['prune'])).out).toContain('kept 0 patterns')
    expect(await json(['metrics'])).toMatchObject({ patterns: 0, traces: 1, failed: 6 })
  })

  it('carries knowledge to another project', async () => {
    const [from, to] = [project(), project()]
    await from.patterns(['store'], learnt({ recipe: { kind: 'install', packages: [] } }))
    const { out } = await from.patterns(['export'])
    expect(await from.json(['export'])).toEqual(
      out
        .trim()
        .split('\n')
        .map((line): unknown => JSON.parse(line)),
    )
    writeFileSync(join(to.root, 'lines'), out)
    expect((await to.patterns(['import', 'lines', '--store', 'mine.db'])).out).toBe('added 1 patterns of 1 attempts\n')
    expect(readFileSync(join(to.root, 'mine.db')).length).toBeGreaterThan(0)
    expect((await to.patterns(['export', '--store', 'mine.db'])).out).toBe(out)
    expect(await to.json(['import', 'lines', '--without-recipes'])).toEqual({ patterns: 1, attempts: 1 })
    expect((await to.patterns(['export'])).out).not.toContain('recipe')
  })

  it('makes no file only to look, and says so plainly', async () => {
    const { root, patterns, json } = project()
    expect((await patterns(['analyze'])).out).toBe('nothing was learnt yet\n')
    expect((await patterns(['metrics'])).out).toContain('successRatio: none yet')
    expect(await json(['search', 'x'])).toEqual([])
    expect(await json(['prune'])).toMatchObject({ kept: 0 })
    expect((await patterns(['predict'], stderr('x'))).out).toContain('nothing like it was tried before')
    expect(existsSync(join(root, '.homeostat'))).toBe(false)
  })

  it('tells of a file that was put aside', async () => {
    const { root, patterns } = project()
    writeFileSync(join(root, 'broken.db'), 'no database '.repeat(500))
    expect(await patterns(['metrics', '--store', 'broken.db'])).toMatchObject({
      code: 0,
      err: expect.stringContaining('broken.db.corrupt-'),
    })
  })

  it.each([
    ['no verb', [], '', 'one of store, search'],
    ['a verb that there is not', ['forget'], '', '"patterns forget"'],
    ['a verb of every object', ['constructor'], '', '"patterns constructor"'],
    ['a word too many', ['analyze', 'now'], '', '"now"'],
    ['a limit that is none', ['search', 'x', '--limit', '0'], '', '--limit 0'],
    ['a limit that is not whole', ['search', 'x', '--limit', '1.5'], '', 'whole number'],
    ['a confidence above 1', ['prune', '--confidence-min', '2'], '', 'number from 0 to 1'],
    ['an exit code that is none', ['predict', '--exit-code', '-1'], '', '--exit-code'],
    ['experiences that are none', ['store'], '{"strategy":"x"}', 'the experience'],
    ['experiences that are not JSON', ['store'], '{}\nnonsense', 'line 2'],
    ['nothing to store', ['store'], '  \n', 'there are none'],
    ['lines that are no knowledge', ['import'], '{}', 'line 1'],
    ['a file that is not there', ['store', 'nowhere.json'], '', 'nowhere.json'],
    ['a folder that is not there', ['metrics', '--cwd', 'nowhere'], '', 'HS_FOLDER_MISSING'],
  ])('refuses %s', async (_, argv, input, told) => {
    const { patterns } = project()
    expect(await patterns(argv, input)).toMatchObject({ code: 2, err: expect.stringContaining(told) })
  })

  it('fails, for people and machines, where the store cannot be used', async () => {
    const { root, patterns } = project()
    writeFileSync(join(root, 'lines'), stderr('x'))
    for (const argv of [['metrics'], ['predict', 'lines']])
      expect(await patterns([...argv, '--store', '/dev/null', '--json'])).toMatchObject({
        code: 1,
        out: expect.stringContaining('HS_PATH_REFUSED'),
      })
  })
})
