import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Experience, Recipe } from '../../../src/core/experience.js'
import type { Fault } from '../../../src/core/fault.js'
import { sha256 } from '../../../src/core/hash.js'
import type { Workspace } from '../../../src/core/ports.js'
import type { Proposal, RepairRequest } from '../../../src/core/repairer.js'
import { fingerprintOf } from '../../../src/faults/fingerprint.js'
import { Knowledge } from '../../../src/memory/knowledge/knowledge.js'
import { memoryKnowledgeStore } from '../../../src/memory/knowledge/memory-knowledge-store.js'
import { experienceOf, learntRepairer, type HealingAttempt } from '../../../src/repair/learnt/learnt.js'
import { createTestWorld } from '../../../src/testing/index.js'
import { memoryWorkspace, type MemoryFile } from '../../../src/testing/memory-workspace.js'
import { request } from '../code-request.js'

const knowledgeOf = (): Knowledge =>
  new Knowledge({
    store: memoryKnowledgeStore(),
    world: createTestWorld(),
    onError: (error) => {
      throw error
    },
  })

/** A fault with the fingerprint that it would have in life. */
function faultOf(over: Partial<Fault>): Fault {
  const { fault } = request(memoryWorkspace({}), { category: 'build', ...over })
  return { ...fault, fingerprint: fingerprintOf(fault) }
}

const proposalOf = (edits: Record<string, readonly [string | null, string | null]>, more: Partial<Proposal> = {}): Proposal => ({
  title: 'Repair',
  edits: Object.entries(edits).map(([path, [before, after]]) => ({
    path,
    before,
    after,
    baseHash: before === null ? null : sha256(before),
  })),
  actions: [],
  plausibility: 0.9,
  rationale: '',
  ...more,
})

const attemptOf = (
  fault: Fault,
  workspace: Workspace,
  proposal: Proposal,
  more: Partial<HealingAttempt> = {},
): HealingAttempt => ({
  fault,
  repairer: 'types',
  proposal,
  workspace,
  worked: true,
  costMs: 900,
  epochMs: 1_700_000_000_000,
  ...more,
})

const recipeOf = (fault: Fault, files: Record<string, MemoryFile>, proposal: Proposal): Recipe | undefined =>
  experienceOf(attemptOf(fault, memoryWorkspace(files), proposal)).recipe

/** What the learnt repairer proposes for `fault` in `files`, after this attempt. */
async function afterwards(
  attempt: HealingAttempt,
  fault: Fault,
  files: Record<string, MemoryFile>,
  more: Partial<RepairRequest> = {},
): Promise<readonly Proposal[]> {
  const knowledge = knowledgeOf()
  await knowledge.store(experienceOf(attempt))
  const asked = request(memoryWorkspace(files), {}, more)
  return (await learntRepairer(knowledge).propose({ ...asked, fault })).proposals
}

const misspelt = (file: string, name: string, suggestion: string, line: number): Fault =>
  faultOf({
    code: 'TS2551',
    tool: 'tsc',
    message: `Property '${name}' does not exist on type 'X'. Did you mean '${suggestion}'?`,
    location: { file, line, column: 1 },
    details: { name, suggestion },
  })

describe('experienceOf()', () => {
  it('makes arguments of names and files, so that the recipe holds neither', () => {
    const before = 'const a = 1\nlist.lenght\n'
    const fault = misspelt('src/a.ts', 'lenght', 'length', 2)
    const proposal = proposalOf({ 'src/a.ts': [before, before.replace('lenght', 'length')] })
    const experience = experienceOf(attemptOf(fault, memoryWorkspace({ 'src/a.ts': before }), proposal))
    expect(experience).toMatchObject({
      fingerprint: fault.fingerprint,
      strategy: 'types',
      outcome: 'worked',
      plausibility: 0.9,
      costMs: 900,
      parameters: { file: 'src/a.ts', name: 'lenght', suggestion: 'length' },
      recipe: { kind: 'replace', file: [{ from: 'file' }], find: [{ from: 'name' }], put: [{ from: 'suggestion' }] },
    } satisfies Partial<Experience>)
  })

  it('takes a wider run of tokens where the name is a part of it', () => {
    const before = "import { a } from './util'\n"
    const fault = faultOf({
      category: 'dependency',
      code: 'ERR_MODULE_NOT_FOUND',
      message: "Cannot find module './util'",
      details: { specifier: './util', importer: '/project/src/a.js' },
    })
    const files = { 'src/a.js': before, 'src/util.js': '' }
    expect(recipeOf(fault, files, proposalOf({ 'src/a.js': [before, before.replace('./util', './util.js')] }))).toEqual({
      kind: 'replace',
      file: [{ from: 'importer' }],
      find: [{ from: 'specifier' }],
      put: [{ from: 'specifier' }, '.js'],
    })
  })

  it('keeps the exact lines where something is put in that the fault does not name', () => {
    const before = 'a\nlist.lenght\nlist.lenght + 1\nz\n'
    const after = before.replace('list.lenght\nl', 'list.size\nl')
    expect(recipeOf(misspelt('src/a.ts', 'lenght', 'length', 2), {}, proposalOf({ 'src/a.ts': [before, after] }))).toEqual({
      kind: 'blocks',
      edits: [{ path: 'src/a.ts', before: 'a\nlist.lenght\nlist.lenght + 1', after: 'a\nlist.size\nlist.lenght + 1' }],
    })
  })

  it('takes as many lines as make the place the only one', () => {
    const before = 'f(\n)\nx\nf(\n)\ny\nf(\n)\nz\n'
    const after = before.replace('f(\n)\ny', 'f()\ny')
    const recipe = recipeOf(faultOf({ message: 'x' }), {}, proposalOf({ 'a.js': [before, after] }))
    expect(recipe).toEqual({ kind: 'blocks', edits: [{ path: 'a.js', before: 'x\nf(\n)\ny', after: 'x\nf()\ny' }] })
  })

  it('never makes a rule of what a failing test names', () => {
    const before = 'export const add = (a, b) => a - b\n'
    const fault = faultOf({ category: 'test', message: 'Expected 3', details: { name: 'a - b' }, location: { file: 'src/a.js' } })
    expect(recipeOf(fault, {}, proposalOf({ 'src/a.js': [before, before.replace('a - b', 'a + b')] }))?.kind).toBe('blocks')
  })

  it.each<[string, Proposal]>([
    ['a file that is made', proposalOf({ 'a.ts': [null, 'x'] })],
    ['a file that is removed', proposalOf({ 'a.ts': ['x', null] })],
    ['no change at all', proposalOf({ 'a.ts': ['x', 'x'] })],
    ['a change longer than a page', proposalOf({ 'a.ts': ['x\n'.repeat(4_000), 'y\n'.repeat(4_000)] })],
    ['texts and actions mixed', proposalOf({ 'a.ts': ['x', 'y'] }, { actions: [chmod('a.ts', 0o644, 0o755)] })],
    ['two actions', proposalOf({}, { actions: [chmod('a', 0o644, 0o755), chmod('b', 0o644, 0o755)] })],
    ['five files', proposalOf(Object.fromEntries([1, 2, 3, 4, 5].map((at) => [`${at}.ts`, ['x', 'y'] as const])))],
    ['a right that is taken away', proposalOf({}, { actions: [chmod('run.sh', 0o755, 0o644)] })],
    ['a right for a file that the fault does not name', proposalOf({}, { actions: [chmod('other.sh', 0o644, 0o755)] })],
    ['a secret', proposalOf({ '.env': ['A=1\nAPI_TOKEN=8d7f6a5s4d3f2g1h\n', 'A=2\nAPI_TOKEN=8d7f6a5s4d3f2g1h\n'] })],
  ])('has no recipe for %s', (_, proposal) => {
    const fault = faultOf({ message: 'x', details: { path: '/project/run.sh' } })
    const experience = experienceOf(attemptOf(fault, memoryWorkspace({}, { root: '/project' }), proposal))
    expect(experience).not.toHaveProperty('recipe')
  })
})

describe('learntRepairer()', () => {
  const before = 'list.lenght\n'
  const learnt = attemptOf(
    misspelt('src/a.ts', 'lenght', 'length', 1),
    memoryWorkspace({ 'src/a.ts': before }),
    proposalOf({ 'src/a.ts': [before, 'list.length\n'] }),
  )

  it('does the same with the names of another fault, at its line', async () => {
    const text = 'box.widht = 1\nbox.widht = 2\n'
    const proposals = await afterwards(learnt, misspelt('lib/box.ts', 'widht', 'width', 2), { 'lib/box.ts': text })
    expect(proposals).toMatchObject([
      {
        edits: [{ path: 'lib/box.ts', before: text, after: 'box.widht = 1\nbox.width = 2\n', baseHash: sha256(text) }],
        actions: [],
        plausibility: expect.closeTo(0.933, 2),
        rationale: expect.stringContaining('1 of 1'),
      },
    ])
  })

  it('exchanges whole lines again for the very fault only: for another one they may stand there and be right', async () => {
    const undefinedName = (name: string): Fault =>
      faultOf({
        category: 'runtime',
        message: `ReferenceError: ${name} is not defined`,
        details: { name },
        location: { file: 'a.js' },
      })
    const text = "import { read } from 'fs'\nraed(1)\nstok.items\n"
    const renamed = text.replace('{ read }', '{ read as raed }')
    const attempt = attemptOf(undefinedName('raed'), memoryWorkspace({ 'a.js': text }), proposalOf({ 'a.js': [text, renamed] }))
    expect(await afterwards(attempt, undefinedName('raed'), { 'a.js': text })).toMatchObject([{ edits: [{ after: renamed }] }])
    expect(await afterwards(attempt, undefinedName('stok'), { 'a.js': text })).toEqual([])
  })

  it.each<[string, Fault, Record<string, MemoryFile>]>([
    ['another class', misspelt('a.ts', 'x', 'y', 1), {}],
    ['a file that is not there', misspelt('gone.ts', 'widht', 'width', 1), { 'a.ts': 'widht' }],
    ['a name that is not in the file', misspelt('a.ts', 'widht', 'width', 1), { 'a.ts': 'height\n' }],
    ['a name that stands there twice', misspelt('a.ts', 'widht', 'width', 1), { 'a.ts': 'widht, widht\n' }],
    ['a part of a longer name', misspelt('a.ts', 'widht', 'width', 1), { 'a.ts': 'widhts + $widht\n' }],
    ['a file of a package', misspelt('node_modules/p/a.ts', 'widht', 'width', 1), { 'node_modules/p/a.ts': 'widht\n' }],
    ['a file outside', misspelt('/etc/a.ts', 'widht', 'width', 1), { 'a.ts': 'widht\n' }],
    [
      'a fault without a suggestion',
      { ...misspelt('a.ts', 'widht', 'width', 1), details: { name: 'widht' } },
      { 'a.ts': 'widht' },
    ],
  ])('proposes nothing for %s', async (what, fault, files) => {
    const asked = what === 'another class' ? { ...fault, code: 'TS9999' } : fault
    expect(await afterwards(learnt, asked, files)).toEqual([])
  })

  it('exchanges known lines only where they stand once, whole and in their file', async () => {
    const damaged = 'a\nconst x = [1, 2\nb\n'
    const fault = faultOf({
      category: 'syntax',
      code: 'SYNTAX_ERROR',
      message: 'Unexpected token',
      location: { file: 'a.js', line: 3 },
    })
    const attempt = attemptOf(fault, memoryWorkspace({}), proposalOf({ 'a.js': [damaged, damaged.replace('2\n', '2]\n')] }))
    const again = async (text: string): Promise<string | null | undefined> =>
      (await afterwards(attempt, fault, { 'a.js': text }))[0]?.edits[0]?.after
    expect(await again(`new\n${damaged}more\n`)).toBe(`new\na\nconst x = [1, 2]\nb\nmore\n`)
    expect(await again(damaged + damaged)).toBeUndefined()
    expect(await again(damaged.replace('a\n', 'aa\n').replace('b\n', 'bb\n'))).toBeUndefined()
    expect(await again('healthy\n')).toBeUndefined()
  })

  it('is asked at every category, looks at its signal, and gives no more than is wanted', async () => {
    const repairer = learntRepairer(knowledgeOf())
    expect(repairer.categories).toHaveLength(9)
    const asked = request(memoryWorkspace({}), {}, { signal: AbortSignal.abort(new Error('enough')) })
    await expect(repairer.propose(asked)).rejects.toThrow('enough')
    expect(await afterwards(learnt, misspelt('a.ts', 'widht', 'width', 1), { 'a.ts': 'widht' }, { proposalsMax: 0 })).toEqual([])
  })

  it('gives up what stopped working, and counts repetitions for the strategy that found it', async () => {
    const knowledge = knowledgeOf()
    const repairer = learntRepairer(knowledge)
    const workspace = memoryWorkspace({ 'src/a.ts': before })
    await knowledge.store(experienceOf(learnt))
    const asked = { ...request(workspace), fault: learnt.fault }
    for (let at = 0; at < 3; at += 1) {
      const { proposals } = await repairer.propose(asked)
      const [proposal] = proposals
      if (proposal === undefined) break
      const experience = repairer.experienceOf({
        ...learnt,
        proposal: structuredClone(proposal),
        repairer: 'learnt',
        worked: false,
      })
      expect(experience).toMatchObject({ strategy: 'types', outcome: 'failed', plausibility: 0.9 })
      await knowledge.store(experience)
    }
    expect(await repairer.propose(asked)).toEqual({ proposals: [], notes: [] })
    expect(await knowledge.predict(learnt.fault)).toMatchObject([{ strategy: 'types', worked: 1, failed: 3 }])
    const other = repairer.experienceOf({ ...learnt, repairer: 'lint' })
    expect(other.strategy).toBe('lint')
  })

  it.each([
    ['repeats at once what healed the very same fault, however unlikely it seemed', learnt.fault, [true], 1],
    ['needs more than that for another fault', misspelt('src/a.ts', 'lenght', 'lengths', 1), [true], 0],
    ['does not repeat what failed there as often', learnt.fault, [true, false], 0],
  ] as const)('%s', async (_, fault, outcomes, count) => {
    const knowledge = knowledgeOf()
    for (const worked of outcomes)
      await knowledge.store({ ...experienceOf({ ...learnt, worked }), plausibility: 0.1, outcome: worked ? 'worked' : 'failed' })
    const asked = { ...request(memoryWorkspace({ 'src/a.ts': before })), fault }
    expect((await learntRepairer(knowledge).propose(asked)).proposals).toHaveLength(count)
  })

  it('proposes each change once, the likeliest first', async () => {
    const knowledge = knowledgeOf()
    const blocks = { kind: 'blocks', edits: [{ path: 'src/a.ts', before: 'list.lenght', after: 'list.length' }] } as const
    const wrong = { kind: 'blocks', edits: [{ path: 'src/a.ts', before: 'list.lenght', after: 'list.size' }] } as const
    for (const [recipe, count] of [
      [blocks, 2],
      [wrong, 3],
    ] as const)
      for (let at = 0; at < count; at += 1) await knowledge.store({ ...experienceOf(learnt), recipe, plausibility: 0.5 })
    await knowledge.store(experienceOf(learnt))
    const { proposals } = await learntRepairer(knowledge).propose({
      ...request(memoryWorkspace({ 'src/a.ts': before })),
      fault: learnt.fault,
    })
    expect(proposals.map(({ edits }) => edits[0]?.after)).toEqual(['list.size\n', 'list.length\n'])
  })

  it('gives only edits whose base is what is there, whatever was learnt and whatever is asked', async () => {
    const word = fc.constantFrom('list', 'lenght', 'length', '.', ' ', '\n', '(', ')', "'", 'x')
    const text = fc.array(word, { maxLength: 12 }).map((words) => words.join(''))
    await fc.assert(
      fc.asyncProperty(
        text,
        text,
        text,
        word,
        word,
        fc.integer({ min: 1, max: 3 }),
        async (from, to, now, name, suggestion, line) => {
          const fault = misspelt('a.ts', name, suggestion, line)
          const attempt = attemptOf(fault, memoryWorkspace({ 'a.ts': from }), proposalOf({ 'a.ts': [from, to] }))
          const same = await afterwards(attempt, fault, { 'a.ts': from })
          for (const { edits } of same) expect(edits).toEqual([{ path: 'a.ts', before: from, after: to, baseHash: sha256(from) }])
          const { recipe } = experienceOf(attempt)
          if (recipe !== undefined) expect(same).toHaveLength(1)
          for (const { edits } of await afterwards(attempt, fault, { 'a.ts': now }))
            for (const edit of edits) expect(edit).toMatchObject({ before: now, baseHash: sha256(now) })
        },
      ),
    )
  })
})

describe('learntRepairer() with recipes from elsewhere', () => {
  const fault = misspelt('a.ts', 'widht', 'width', 1)
  const forged = async (recipe: Recipe, files: Record<string, MemoryFile>): Promise<readonly Proposal[]> => {
    const knowledge = knowledgeOf()
    for (let at = 0; at < 9; at += 1) await knowledge.store({ ...experienceOf(learntAt(fault)), recipe })
    const asked = request(memoryWorkspace(files), {}, { installs: 'any' })
    return (await learntRepairer(knowledge).propose({ ...asked, fault })).proposals
  }

  it.each<[string, Recipe]>([
    ['of a path outside', { kind: 'blocks', edits: [{ path: '../a.ts', before: 'x', after: 'y' }] }],
    ['of an absolute path', { kind: 'blocks', edits: [{ path: '/a.ts', before: 'x', after: 'y' }] }],
    ['of the repository itself', { kind: 'blocks', edits: [{ path: '.git/config', before: 'x', after: 'y' }] }],
    ['of its own memory', { kind: 'blocks', edits: [{ path: '.homeostat/x', before: 'x', after: 'y' }] }],
    ['of one file twice', { kind: 'blocks', edits: [1, 2].map(() => ({ path: 'x.ts', before: 'x', after: 'y' })) }],
    ['of a file half there', { kind: 'blocks', edits: ['x.ts', 'no.ts'].map((path) => ({ path, before: 'x', after: 'y' })) }],
    ['that changes nothing', { kind: 'blocks', edits: [{ path: 'x.ts', before: 'x', after: 'x' }] }],
    ['with a gap that nothing fills', { kind: 'replace', file: ['x.ts'], find: [{ from: 'nothing' }], put: ['y'] }],
    ['that finds nothing', { kind: 'replace', file: ['x.ts'], find: [''], put: ['y'] }],
    ['that runs what is no script', { kind: 'chmod', path: ['x.ts'], add: 0o111 }],
    ['that lets everybody write', { kind: 'chmod', path: ['run.sh'], add: 0o222 }],
    ['that installs a stranger', { kind: 'install', packages: [{ name: [{ from: 'name' }], dev: false }] }],
    ['that installs two', { kind: 'install', packages: ['a', 'b'].map((name) => ({ name: [name], dev: false })) }],
    ['that installs what has no name', { kind: 'install', packages: [{ name: [{ from: 'package' }], dev: false }] }],
    ['that installs where there is no manifest', { kind: 'install', packages: [] }],
  ])('does nothing by a recipe %s', async (what, recipe) => {
    const files = { 'x.ts': 'x', 'run.sh': '#!/bin/sh\n', '.git/config': 'x', '.homeostat/x': 'x' }
    const manifest = what.endsWith('no manifest') ? {} : { 'package.json': '{ "name": "app" }' }
    if (recipe.kind === 'install' && what.includes('a stranger')) {
      const other = { ...fault, fingerprint: 'feedfeedfeedfeed' }
      const knowledge = knowledgeOf()
      await knowledge.store({ ...experienceOf(learntAt(fault)), recipe })
      const asked = request(memoryWorkspace({ ...files, ...manifest }), {}, { installs: 'any' })
      expect((await learntRepairer(knowledge).propose({ ...asked, fault: other })).proposals).toEqual([])
    } else expect(await forged(recipe, { ...files, ...manifest })).toEqual([])
  })
})

describe('learntRepairer() with actions', () => {
  const missing = (name: string): Fault =>
    faultOf({
      category: 'dependency',
      code: 'MODULE_NOT_FOUND',
      message: `Cannot find module '${name}'`,
      details: { specifier: name, importer: '/project/index.js' },
    })
  const manifest = (dependencies: Record<string, string>): Record<string, MemoryFile> => ({
    'package.json': JSON.stringify({ name: 'app', dependencies }),
    'index.js': '',
  })
  const install = (...names: readonly string[]): Proposal =>
    proposalOf(
      {},
      {
        actions: [{ kind: 'install', manager: 'npm', packages: names.map((name) => ({ name, dev: true })), folder: '' }],
      },
    )
  const learnt = (proposal: Proposal, fault = missing('express')): HealingAttempt =>
    attemptOf(fault, memoryWorkspace({}, { root: '/project' }), proposal)
  const asked = (attempt: HealingAttempt, fault: Fault, files: Record<string, MemoryFile>, installs: RepairRequest['installs']) =>
    afterwards(attempt, fault, files, { installs, workspace: memoryWorkspace(files, { root: '/project' }) })

  it('brings in what the project declares, under the name of this fault', async () => {
    expect(experienceOf(learnt(install('express')))).toMatchObject({
      recipe: { kind: 'install', packages: [{ name: [{ from: 'package' }], dev: true }] },
      parameters: { package: 'express' },
    })
    for (const proposal of [install(), install('express')])
      expect(await asked(learnt(proposal), missing('lodash/fp'), manifest({ lodash: '^4.0.0' }), 'declared')).toMatchObject([
        { actions: [{ kind: 'install', manager: 'npm', packages: [], folder: '' }], edits: [] },
      ])
    expect(await asked(learnt(install()), missing('lodash'), manifest({ lodash: '^4.0.0' }), 'never')).toEqual([])
  })

  it('brings in a stranger only for the very fault that it healed, and only where the policy lets it', async () => {
    const wanted = { actions: [{ kind: 'install', packages: [{ name: 'express', dev: true }] }] }
    expect(await asked(learnt(install('express')), missing('express'), manifest({}), 'any')).toMatchObject([wanted])
    expect(await asked(learnt(install('express')), missing('express'), manifest({}), 'declared')).toEqual([])
    expect(await asked(learnt(install('express')), missing('lodash'), manifest({}), 'any')).toEqual([])
    expect(await asked(learnt(install('express')), missing('expres'), manifest({}), 'any')).toEqual([])
  })

  it('gives the right to run to another script, and no other right', async () => {
    const denied = (path: string): Fault =>
      faultOf({ category: 'permission', code: 'EACCES', message: `spawn ${path} EACCES`, details: { path, syscall: 'spawn' } })
    const attempt = learnt(proposalOf({}, { actions: [chmod('run.sh', 0o644, 0o777)] }), denied('/project/run.sh'))
    const files = { 'bin/start': { text: '#!/bin/sh\n', mode: 0o640 }, plain: 'text', done: { text: '#!/bin/sh\n', mode: 0o755 } }
    expect(await asked(attempt, denied('/project/bin/start'), files, 'never')).toMatchObject([
      { actions: [{ kind: 'chmod', path: 'bin/start', modeBefore: 0o640, mode: 0o750 }] },
    ])
    for (const path of ['plain', 'done', 'gone'])
      expect(await asked(attempt, denied(`/project/${path}`), files, 'never')).toEqual([])
  })
})

function chmod(path: string, modeBefore: number, mode: number): Proposal['actions'][number] {
  return { kind: 'chmod', path, modeBefore, mode }
}

function learntAt(fault: Fault): HealingAttempt {
  return attemptOf(fault, memoryWorkspace({}), proposalOf({ 'q.ts': ['q', 'r'] }))
}
