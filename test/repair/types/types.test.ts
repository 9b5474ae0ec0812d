import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { CommandResult } from '../../../src/core/ports.js'
import type { Rehearsal, Rehearse } from '../../../src/core/repairer.js'
import { isTest } from '../../../src/repair/imports/import-path.js'
import { compilerFixes } from '../../../src/repair/types/compiler-fixes.js'
import { editsOf, readAnswer, type AnsweredCandidate } from '../../../src/repair/types/outcome.js'
import { repairTypes } from '../../../src/repair/types/run.js'
import { answerMark, rules, typesScript } from '../../../src/repair/types/script.js'
import { openSession } from '../../../src/repair/types/session.js'
import { createTools } from '../../../src/repair/types/tools.js'
import { typesRepairer } from '../../../src/repair/types/types.js'
import { memoryWorkspace } from '../../../src/testing/memory-workspace.js'
import { request } from '../code-request.js'
import { compilerPath, healedBy, outcomeOf, unknownNames } from './compiled.js'

const text = 'interface Limits {\n  readonly sizeMax: number\n}\nexport const show = (limits: Limits): number => limits.sizeMx\n'
const fault = {
  category: 'build',
  code: 'TS2551',
  message: "Property 'sizeMx' does not exist on type 'Limits'.",
  location: { file: 'src/a.ts', line: 4, column: 56 },
} as const
const files = {
  'src/a.ts': text,
  'package.json': '{"scripts":{"build":"tsc -p tsconfig.build.json --noEmit"}}',
  'tsconfig.build.json': '{}',
}

function ended(output: string, over: Partial<CommandResult> = {}): Rehearsal {
  return {
    ran: true,
    result: { ending: 'exited', exitCode: 0, output, outputBytes: output.length, truncated: false, durationMs: 1, ...over },
  }
}
const start = text.indexOf('sizeMx')
const candidate: AnsweredCandidate = {
  kind: 'spelling',
  title: "Change spelling to 'sizeMax'",
  prior: 0.95,
  before: 1,
  left: 0,
  edits: [{ path: 'src/a.ts', length: text.length, start, end: start + 6, text: 'sizeMax' }],
}
const answer = (over: object = {}): string =>
  `noise\n${answerMark}${JSON.stringify({ version: '5.9.3', errors: 1, ideas: 3, candidates: [candidate], ...over })}\nnoise`

describe('typesRepairer', () => {
  it('asks the compiler in the copy, and proposes what it accepts', async () => {
    const commands: (readonly string[])[] = []
    const rehearse: Rehearse = (command) => {
      commands.push(command)
      return Promise.resolve(ended(answer()))
    }
    const { proposals, notes } = await typesRepairer.propose(request(memoryWorkspace(files), fault, { rehearse }))
    expect(notes).toEqual([])
    expect(proposals).toHaveLength(1)
    expect(proposals[0]).toMatchObject({ title: "Change spelling to 'sizeMax' in src/a.ts", plausibility: 0.95, actions: [] })
    expect(proposals[0]?.edits[0]?.after).toBe(text.replace('sizeMx', 'sizeMax'))
    expect(commands).toHaveLength(1)
    expect(commands[0]?.slice(0, 2)).toEqual(['node', '-e'])
    expect(commands[0]?.[2]).toContain('"configs":["tsconfig.build.json"]')
    expect(Buffer.byteLength(commands[0]?.[2] ?? '')).toBeLessThan(128 * 1024)
  })

  it.each([
    ['is not about types', { ...fault, code: 'LINT' }],
    ['is of the parser', { ...fault, code: 'TS1005', message: "',' expected." }],
    ['is of a missing module', { ...fault, code: 'TS2307' }],
    ['is of an option', { ...fault, code: 'TS5023', message: "Unknown compiler option 'x'." }],
  ])('is silent about a fault that %s', async (_, over) => {
    const rehearse = (): never => {
      throw new Error('asked')
    }
    expect(await typesRepairer.propose(request(memoryWorkspace(files), over, { rehearse }))).toEqual({ proposals: [], notes: [] })
  })

  it('is silent about a fault without a place', async () => {
    const { category, code, message } = fault
    expect(await typesRepairer.propose(request(memoryWorkspace(files), { category, code, message }))).toEqual({
      proposals: [],
      notes: [],
    })
  })

  it.each([
    ['outside', '../x.ts', /no file of this project/],
    ['installed', 'node_modules/x/a.ts', /installed package/],
    ['unknown', 'src/gone.ts', /no file of this project/],
  ])('says why it leaves a file alone that is %s', async (_, file, note) => {
    const { proposals, notes } = await typesRepairer.propose(request(memoryWorkspace(files), { ...fault, location: { file } }))
    expect(proposals).toEqual([])
    expect(notes.join()).toMatch(note)
  })

  it('finds a file that a tool names from the folder of its package', async () => {
    const workspace = memoryWorkspace({ 'packages/a/src/b.ts': text })
    const rehearse: Rehearse = ([, , script = '']) =>
      Promise.resolve(ended(script.includes('"file":"packages/a/src/b.ts"') ? answer({ errors: 0, candidates: [] }) : ''))
    const { notes } = await typesRepairer.propose(request(workspace, { ...fault, location: { file: 'src/b.ts' } }, { rehearse }))
    expect(notes.join()).toMatch(/finds no error/)
  })

  it.each([
    ['without a copy', undefined, /there is none/],
    ['when the rehearsals are spent', { ran: false, spent: true, reason: '300 were made' } as const, /300 were made/],
    ['when the compiler hangs', ended('', { ending: 'timed-out', exitCode: null }), /timed-out/],
    ['when the answer is cut', ended(answer().slice(0, 90)), /no answer/],
    ['when the answer is forged', ended(`${answerMark}{"version":1}`), /no answer/],
    ['when the compiler fails', ended(`${answerMark}{"failed":"Error: Debug Failure"}`), /Debug Failure/],
    ['when nothing heals', ended(answer({ candidates: [] })), /none heals them/],
    ['when there is no compiler', ended(`${answerMark}{"missing":true}`), /not installed/],
  ])('proposes nothing %s, and says so', async (_, rehearsal, note) => {
    const rehearse = rehearsal === undefined ? {} : { rehearse: () => Promise.resolve(rehearsal) }
    const { proposals, notes } = await typesRepairer.propose(
      request(memoryWorkspace({ ...files, 'package.json': '{' }), fault, rehearse),
    )
    expect(proposals).toEqual([])
    expect(notes.join()).toMatch(note)
  })

  it('stops when the signal has aborted', async () => {
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(typesRepairer.propose(request(memoryWorkspace(files), fault, { signal }))).rejects.toThrow('enough')
  })
})

describe('editsOf()', () => {
  const workspace = memoryWorkspace({
    ...files,
    'test/a.test.ts': text,
    'src/b.d.ts': text,
    'node_modules/x/a.ts': text,
    'tsconfig.json': text,
    'win.ts': `\uFEFFconst a = 1\r\n`,
  })
  const edited = (over: Partial<AnsweredCandidate['edits'][number]>): unknown =>
    editsOf(
      { ...candidate, edits: [{ path: 'src/a.ts', length: text.length, start: 0, end: 0, text: '// x\n', ...over }] },
      workspace,
    )

  it.each([
    'test/a.test.ts',
    'src/b.d.ts',
    'node_modules/x/a.ts',
    'tsconfig.json',
    '../a.ts',
    '/project/src/a.ts',
    './src/a.ts',
    'src/gone.ts',
    '__proto__',
  ])('refuses to change %s', (path) => {
    expect(edited({ path })).toBeUndefined()
  })

  it.each([
    { length: 3 },
    { start: 5, end: 4 },
    { end: text.length + 1 },
    { text: '' },
    { text: '// @ts-ignore\n' },
    { text: 'const a = b as any\n' },
    { text: 'const a = b!.c\n' },
  ])('refuses %j', (over) => {
    expect(edited(over)).toBeUndefined()
  })

  it('refuses changes that overlap', () => {
    const edits = [0, 2].map((from) => ({ path: 'src/a.ts', length: text.length, start: from, end: from + 4, text: 'x' }))
    expect(editsOf({ ...candidate, edits }, workspace)).toBeUndefined()
  })

  it('keeps the byte order mark and the line ends', () => {
    const edits = [{ path: 'win.ts', length: 'const a = 1\r\n'.length, start: 0, end: 0, text: 'const b = 2\n' }]
    expect(editsOf({ ...candidate, edits }, workspace)?.[0]?.after).toBe('\uFEFFconst b = 2\r\nconst a = 1\r\n')
  })
})

describe('readAnswer()', () => {
  it('takes the last answer, and none that is no answer', () => {
    expect(readAnswer(`${answer({ ideas: 1 })}${answer({ ideas: 2 })}`)).toMatchObject({ ideas: 2 })
    expect(readAnswer('nothing')).toBeUndefined()
    expect(readAnswer(`${answerMark}[`)).toBeUndefined()
  })
})

describe('the native compiler', () => {
  const message = "Property 'sizeMx' does not exist on type 'Limits'. Did you mean 'sizeMax'?"
  const native = `${answerMark}{"missing":true,"native":"7.0.2"}`
  /** Counts as `errors` says what the file would hold. */
  const compiling =
    (errors: (text: string) => number): Rehearse =>
    (_, { edits } = {}) => {
      if (edits === undefined) return Promise.resolve(ended(native))
      const count = errors(edits[0]?.after ?? text)
      return Promise.resolve(ended('src/a.ts(4,1): error TS2551: x\n'.repeat(count), { exitCode: count === 0 ? 0 : 2 }))
    }

  it('is asked about what the message says', async () => {
    const rehearse = compiling((now) => (now.includes('sizeMx') ? 1 : 0))
    const { proposals, notes } = await typesRepairer.propose(
      request(memoryWorkspace(files), { ...fault, message, details: { suggestion: 'sizeMax' } }, { rehearse }),
    )
    expect(proposals[0]?.edits[0]?.after).toBe(text.replace('sizeMx', 'sizeMax'))
    expect(proposals[0]?.plausibility).toBeGreaterThan(0.8)
    expect(notes.join()).toMatch(/typescript6/)
  })

  it('is believed when it finds no change better', async () => {
    const rehearse = compiling(() => 2)
    const { proposals } = await typesRepairer.propose(
      request(memoryWorkspace(files), { ...fault, message, details: { suggestion: 'sizeMax' } }, { rehearse }),
    )
    expect(proposals).toEqual([])
  })

  it.each([
    ['TS2304', 'export const a = 1\nexport const bravo = 2\nexport const c = brvao\n', [3, 18], {}, 'brvao', 'bravo'],
    ['TS2304', 'export const a = (n: number) => Mathceil(n)\n', [1, 33], {}, 'Mathceil', 'Math.ceil'],
    ['TS2339', 'export const f = (o: O) => o.list.size + o.listsize\n', [1, 44], {}, 'listsize', 'list.size'],
    ['TS2554', "const f = () => 1\nexport const a = f('x')\n", [2, 20], {}, "('x')", '()'],
    ['TS2554', 'const f = (a: number) => a\nexport const b = f(1, {})\n', [2, 23], {}, '(1, {})', '(1)'],
    ['TS2820', 'export const a: "read" = "raed"\n', [1, 26], { suggestion: 'read' }, '"raed"', '"read"'],
    ['TS2588', 'const total = 1\ntotal += 1\n', [2, 1], { name: 'total' }, 'const total', 'let total'],
    ['TS18048', 'export const f = (a?: string) => a.length\n', [1, 34], {}, 'a.length', 'a?.length'],
    ['TS2532', 'export const f = (a?: string[]) => a[0]\n', [1, 36], {}, 'a[0]', 'a?.[0]'],
    ['TS4114', 'class B extends A {\n  size() {}\n}\n', [2, 3], {}, 'size', 'override size'],
    ['TS1484', "import { Box } from './b.js'\n", [1, 10], {}, 'Box', 'type Box'],
    ['TS6133', "import { one, two } from './b.js'\none()\n", [1, 15], {}, ' one, two ', ' one '],
    ['TS6133', "import { one } from './b.js'\nexport {}\n", [1, 1], {}, "import { one } from './b.js'\n", ''],
  ] as const)('heals %s by the text', async (code, broken, [line, column], details, from, to) => {
    const wanted = broken.replace(from, to)
    const rehearse = compiling((now) => (now === wanted ? 0 : 1))
    const workspace = memoryWorkspace({ 'src/a.ts': broken })
    const { proposals } = await typesRepairer.propose(
      request(
        workspace,
        { category: 'build', code, message: 'x', details, location: { file: 'src/a.ts', line, column } },
        { rehearse },
      ),
    )
    expect(proposals.map(({ edits }) => edits[0]?.after)).toEqual([wanted])
  })

  it('is not asked about a place that is not there', async () => {
    const { proposals } = await typesRepairer.propose(
      request(
        memoryWorkspace(files),
        { ...fault, location: { file: 'src/a.ts', line: 99, column: 1 } },
        { rehearse: compiling(() => 1) },
      ),
    )
    expect(proposals).toEqual([])
  })
})

describe('typesScript()', () => {
  it('holds all it needs, so that the compiler of a real project answers', () => {
    const root = realpathSync(mkdtempSync(join(tmpdir(), 'homeostat-types-')))
    try {
      mkdirSync(join(root, 'node_modules'))
      mkdirSync(join(root, 'src'))
      symlinkSync(dirname(dirname(compilerPath)), join(root, 'node_modules/typescript'))
      writeFileSync(join(root, 'src/a.ts'), text)
      writeFileSync(
        join(root, 'tsconfig.json'),
        '{"compilerOptions":{"strict":true,"target":"es2022","lib":["es2015"],"types":[]},"include":["src"]}',
      )
      const script = typesScript({
        file: 'src/a.ts',
        line: 4,
        column: 56,
        code: 2551,
        configs: [],
        candidatesMax: 5,
        ideasMax: 20,
        timeMsMax: 60_000,
      })
      const found = readAnswer(execFileSync('node', ['-e', script], { cwd: root, encoding: 'utf8' }))
      expect(found).toMatchObject({ errors: 1 })
      if (found === undefined || !('candidates' in found)) throw new Error('No answer')
      expect(healedBy(found.candidates, { 'src/a.ts': text })[0]).toBe(text.replace('sizeMx', 'sizeMax'))
    } finally {
      rmSync(root, { recursive: true, force: true })
    }
  }, 60_000)

  it('is made of functions that name nothing of their modules', () => {
    const functions = { openSession, createTools, compilerFixes, repairTypes, isTest }
    const texts = [...rules.map(String), ...Object.values(functions).map(String)]
    const names = unknownNames(texts.map((one) => `void (${one})`).join('\n'))
    expect(names).toEqual([])
    expect(unknownNames('void ((path) => titleOf(path))')).toEqual(['titleOf'])
  })
})

describe('repairTypes()', () => {
  it('never silences an error', () => {
    const files = {
      'src/a.ts':
        'export function size(value: unknown): number {\n  return value.length\n}\nexport const first = (list: string[] | undefined): string => list[0]\n',
    }
    const { candidates } = outcomeOf(files)
    for (const healed of healedBy(candidates, files)) expect(healed).not.toMatch(/\bas\b(?! const)|\bany\b|!\.|!\[|@ts-/)
  })

  it('heals the error that the fault tells of, though others stay', () => {
    const files = {
      'src/a.ts': 'const length = 1\nconst width = length\nexport const a: symbol = length\nexport const b = wdith\n',
    }
    const { candidates } = outcomeOf(files, { line: 4, column: 18, code: 2552 })
    expect(healedBy(candidates, files)[0]).toBe(files['src/a.ts'].replace('wdith', 'width'))
    expect(candidates[0]).toMatchObject({ before: 3, left: 1 })
  })

  it('makes the same change wherever it is needed', () => {
    const files = {
      'src/a.ts': 'interface Box {\n  readonly size: number\n}\nexport const a = (box: Box): number => box.sise + box.sise\n',
    }
    expect(healedBy(outcomeOf(files).candidates, files)).toContain(files['src/a.ts'].replaceAll('sise', 'size'))
  })

  it('leaves tests as they are', () => {
    const files = {
      'src/a.ts': 'export const size = 1\n',
      'test/a.test.ts': "import { sise } from '../src/a.js'\nexport const b = sise\n",
    }
    const { errors, candidates } = outcomeOf(files, { file: 'test/a.test.ts' })
    expect(errors).toBeGreaterThan(0)
    expect(candidates.flatMap(({ edits }) => edits).map(({ path }) => path)).not.toContain('test/a.test.ts')
  })

  it('says when there is nothing wrong', () => {
    expect(outcomeOf({ 'src/a.ts': 'export const a = 1\n' })).toMatchObject({ errors: 0, candidates: [] })
  })

  it('says each candidate with a share of what is certain', () => {
    const files = {
      'src/a.ts': 'const firstSize = 1\nconst firstSide = 2\nexport const sum = firstSie + firstSize + firstSide\n',
    }
    const { candidates } = outcomeOf(files)
    expect(candidates.length).toBeGreaterThan(1)
    expect(candidates.reduce((sum, { prior }) => sum + prior, 0)).toBeLessThanOrEqual(1)
  })
})
