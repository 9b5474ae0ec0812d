import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { CommandResult } from '../../src/core/ports.js'
import type { RehearsalOptions, Rehearse } from '../../src/core/repairer.js'
import { lintRepairer } from '../../src/repair/lint/lint-repairer.js'
import { answerMark, lintScript, textLengthMax } from '../../src/repair/lint/lint-script.js'
import { lintTools, toolsCalled } from '../../src/repair/lint/lint-tools.js'
import { memoryWorkspace } from '../../src/testing/memory-workspace.js'
import { request } from './code-request.js'

const before = 'var a = 1;\n'
const after = 'const a = 1\n'
const complaint = '/project/src/a.js\n  1:1  error  Unexpected var  no-var\n\n✖ 1 problem (1 error, 0 warnings)\n'
const lintFault = { category: 'build', code: 'LINT', severity: 'low', tool: 'eslint', message: 'Unexpected var' } as const

const project = (more: Readonly<Record<string, string>> = {}) =>
  memoryWorkspace({
    'package.json': '{"scripts":{"lint":"npm run lint:js && prettier --check src","lint:js":"eslint src"}}',
    'node_modules/eslint/package.json': '{"name":"eslint"}',
    'eslint.config.js': 'export default []\n',
    'src/a.js': before,
    ...more,
  })

function ended(exitCode: number, output = ''): CommandResult {
  return { ending: 'exited', exitCode, output, outputBytes: output.length, truncated: false, durationMs: 10 }
}

interface Story {
  readonly output?: string
  readonly texts?: unknown
  readonly last?: CommandResult
  readonly runs?: { command: readonly string[]; options: RehearsalOptions }[]
}

/** The linter complains; the tool then answers with texts; then the command is run with them. */
function telling({ output = complaint, texts = { 'src/a.js': after }, last = ended(0), runs = [] }: Story = {}): Rehearse {
  return (command, options = {}) => {
    runs.push({ command, options })
    if (command[0] === 'node')
      return Promise.resolve({
        ran: true,
        result: ended(0, `noise\n${answerMark}${typeof texts === 'string' ? texts : JSON.stringify(texts)}\n`),
      })
    return Promise.resolve({ ran: true, result: options.edits === undefined ? ended(1, output) : last })
  }
}

const asked = { command: ['npm', 'run', 'lint'] } as const

describe('lintRepairer', () => {
  it('proposes what the tool itself makes of the files it complains of', async () => {
    const runs: { command: readonly string[]; options: RehearsalOptions }[] = []
    const answer = await lintRepairer.propose(request(project(), lintFault, { ...asked, rehearse: telling({ runs }) }))
    expect(answer.proposals).toMatchObject([
      { title: 'Apply the fixes of eslint to src/a.js', plausibility: 0.93, edits: [{ path: 'src/a.js', before, after }] },
    ])
    const order: unknown = JSON.parse(runs[1]?.command[3] ?? '')
    expect(order).toMatchObject({
      tools: [{ package: 'eslint', fix: ['--fix', '--fix-type', 'problem,suggestion,layout', '--no-warn-ignored'] }],
      files: ['src/a.js'],
    })
    // The copy gets back what the tool wrote into it: an edit that changes nothing says so.
    expect(runs[1]?.options.edits).toMatchObject([{ path: 'src/a.js', before, after: before }])
  })

  it('believes less in fixes after which something else is left, and nothing in fixes that do not help', async () => {
    const other = ended(
      1,
      '/project/src/b.js\n  3:1  error  Missing return  consistent-return\n\n✖ 1 problem (1 error, 0 warnings)\n',
    )
    const rest = await lintRepairer.propose(request(project(), lintFault, { ...asked, rehearse: telling({ last: other }) }))
    expect(rest.proposals[0]?.plausibility).toBe(0.6)
    const hung = await lintRepairer.propose(
      request(project(), lintFault, { ...asked, rehearse: telling({ last: { ...ended(1), ending: 'timed-out' } }) }),
    )
    expect(hung.proposals).toEqual([])
    expect(hung.notes[0]).toContain('is not what the command fails for')
  })

  it('never edits a test, a setting, or a file that was not asked for', async () => {
    const output =
      '/project/test/a.test.js\n  1:1  error  Unexpected var  no-var\n/project/eslint.config.js\n  1:1  error  Unexpected var  no-var\n'
    const workspace = project({ 'test/a.test.js': before })
    const tests = await lintRepairer.propose(request(workspace, lintFault, { ...asked, rehearse: telling({ output }) }))
    expect(tests.proposals).toEqual([])
    expect(tests.notes.join(' ')).toContain('test/a.test.js: a test, which is never edited')
    const texts = { 'test/a.test.js': after, '../b.js': after, 'src/a.js': before, __proto__: after }
    expect(
      (await lintRepairer.propose(request(workspace, lintFault, { ...asked, rehearse: telling({ texts }) }))).proposals,
    ).toEqual([])
  })

  it('refuses a fix that switches a rule off', async () => {
    const texts = { 'src/a.js': `// eslint-disable-next-line no-var\n${before}` }
    const answer = await lintRepairer.propose(request(project(), lintFault, { ...asked, rehearse: telling({ texts }) }))
    expect(answer.proposals).toEqual([])
    expect(answer.notes[0]).toContain('cannot fix this without a person')
  })

  it('takes an answer that is no JSON for none', async () => {
    for (const texts of ['{', 'null', '[1]', '{"src/a.js":1}'])
      expect(
        (await lintRepairer.propose(request(project(), lintFault, { ...asked, rehearse: telling({ texts }) }))).proposals,
      ).toEqual([])
  })

  it('reads places that stand in brackets', async () => {
    const output = '  x eslint(no-var): Unexpected var\n   ,-[src/a.js:1:1]\n'
    const workspace = project({ 'node_modules/oxlint/package.json': '{}' })
    const answer = await lintRepairer.propose(
      request(workspace, { ...lintFault, tool: 'oxlint' }, { command: ['npx', 'oxlint'], rehearse: telling({ output }) }),
    )
    expect(answer.proposals[0]?.title).toBe('Apply the fixes of oxlint to src/a.js')
  })

  it('says why it has nothing: no tool, no copy, no run, another fault', async () => {
    const say = async (workspace = project(), over: object = {}, more: object = {}) =>
      lintRepairer.propose(request(workspace, { ...lintFault, ...over }, { ...asked, ...more }))
    expect((await say(memoryWorkspace({ 'a.js': '' }))).notes[0]).toContain('not installed')
    expect((await say()).notes[0]).toContain('no copy to run it in')
    const refused: Rehearse = () => Promise.resolve({ ran: false, spent: true, reason: 'spent' })
    expect((await say(project(), {}, { rehearse: refused })).notes[0]).toContain('spent')
    expect(await say(project(), { code: 'TS2304' })).toEqual({ proposals: [], notes: [] })
    let runs = 0
    const once: Rehearse = (command, options) => ((runs += 1) === 1 ? telling()(command, options) : refused(command))
    expect((await say(project(), {}, { rehearse: once })).notes[0]).toContain('cannot fix this')
    runs = 0
    const twice: Rehearse = (command, options) => ((runs += 1) <= 2 ? telling()(command, options) : refused(command))
    expect((await say(project(), {}, { rehearse: twice })).proposals).toEqual([])
  })
})

describe('toolsCalled()', () => {
  it('finds the tools of a command line, in the order in which they run', () => {
    expect(toolsCalled('prettier --check . && npx eslint@9 src').map(({ id }) => id)).toEqual(['eslint', 'prettier'])
    expect(toolsCalled('node_modules/.bin/biome ci').map(({ id }) => id)).toEqual(['biome'])
    expect(toolsCalled('eslint-plugin-x prettierx my-oxlint')).toEqual([])
  })

  it('knows each tool by its own name', () => {
    for (const tool of lintTools) expect(toolsCalled(`${tool.program} .`)).toEqual([tool])
  })
})

describe('lintScript', () => {
  it('runs the installed tool on the files and prints what they become', () => {
    const folder = mkdtempSync(join(tmpdir(), 'homeostat-lint-'))
    try {
      const home = join(folder, 'node_modules', 'fixer')
      mkdirSync(home, { recursive: true })
      writeFileSync(join(home, 'package.json'), '{"bin":{"fixer":"run.js"}}')
      writeFileSync(
        join(home, 'run.js'),
        `const fs = require('fs')
if (process.argv.includes('--no-warn-ignored')) { console.error("Invalid option '--no-warn-ignored'"); process.exit(2) }
for (const file of process.argv.slice(3)) fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace('var', 'const'))
`,
      )
      writeFileSync(join(folder, 'a.js'), 'var a\n')
      writeFileSync(join(folder, 'b.js'), 'let b\n')
      const tools = [
        { package: 'fixer', program: 'fixer', fix: ['--fix', '--no-warn-ignored'] },
        { package: 'absent', program: 'absent', fix: [] },
      ]
      const order = { tools, files: ['a.js', 'b.js'], textLengthMax, mark: answerMark }
      const run = spawnSync(process.execPath, ['-e', lintScript, JSON.stringify(order)], { cwd: folder, encoding: 'utf8' })
      expect(run.stderr).toBe('')
      const line = run.stdout.split('\n').find((one) => one.startsWith(answerMark))
      expect(JSON.parse(line?.slice(answerMark.length) ?? '')).toEqual({ 'a.js': 'const a\n' })
      expect(readFileSync(join(folder, 'b.js'), 'utf8')).toBe('let b\n')
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
