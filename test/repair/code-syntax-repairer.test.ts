import { describe, expect, it } from 'vitest'
import { sha256 } from '../../src/core/hash.js'
import { codeSyntaxRepairer } from '../../src/repair/code/code-syntax-repairer.js'
import { memoryWorkspace } from '../../src/testing/memory-workspace.js'
import { request } from './code-request.js'

const sound = 'export function add(a, b) {\n  return sum(a, b)\n}\n'
const broken = sound.replace('a, b) {', 'a, b {')

describe('codeSyntaxRepairer', () => {
  it.each(['src/add.js', '/project/src/add.js', 'file:///project/src/add.js'])(
    'repairs the file that the fault names as %s',
    async (file) => {
      const { proposals } = await codeSyntaxRepairer.propose(
        request(memoryWorkspace({ 'src/add.js': broken }), { location: { file, line: 1 } }),
      )
      expect(proposals[0]).toMatchObject({
        title: 'Insert the missing ")" in src/add.js, line 1, column 25',
        edits: [{ path: 'src/add.js', before: broken, after: sound, baseHash: sha256(broken) }],
        actions: [],
      })
      expect(proposals[0]?.plausibility).toBeGreaterThan(0.5)
    },
  )

  it('finds a file that a tool names relative to a folder of its own', async () => {
    const { proposals } = await codeSyntaxRepairer.propose(
      request(memoryWorkspace({ 'packages/a/src/add.ts': broken }), { category: 'build', location: { file: 'src/add.ts' } }),
    )
    expect(proposals[0]?.edits[0]?.path).toBe('packages/a/src/add.ts')
  })

  it('looks for the broken file when the one named is sound or none is', async () => {
    const workspace = memoryWorkspace({ 'src/a.js': sound, 'src/b.js': broken, 'test/fixtures/c.js': '((' })
    for (const over of [{}, { location: { file: 'src/a.js' } }]) {
      const { proposals } = await codeSyntaxRepairer.propose(request(workspace, over))
      expect(proposals[0]?.edits[0]?.path).toBe('src/b.js')
    }
  })

  it('reads the name out of the evidence', async () => {
    const workspace = memoryWorkspace({ 'src/a.js': broken, 'src/b.js': broken })
    const { proposals } = await codeSyntaxRepairer.propose(request(workspace, { evidence: ['    at /project/src/b.js:1:22'] }))
    expect(proposals[0]?.edits[0]?.path).toBe('src/b.js')
  })

  it('says that a file parses', async () => {
    const { proposals, notes } = await codeSyntaxRepairer.propose(
      request(memoryWorkspace({ 'a.js': sound }), { location: { file: 'a.js' } }),
    )
    expect(proposals).toEqual([])
    expect(notes.join(' ')).toContain('parses')
  })

  it('says when nothing near helps', async () => {
    const { proposals, notes } = await codeSyntaxRepairer.propose(
      request(memoryWorkspace({ 'a.js': 'this is not ( code at } all, it is ] prose = ; with ? brackets' }), {
        location: { file: 'a.js' },
      }),
    )
    expect(proposals).toEqual([])
    expect(notes.join(' ')).toContain('restore it from version control')
  })

  it.each([
    ['/etc/passwd.js', 'outside the workspace'],
    ['../../x.ts', 'outside the workspace'],
    ['node_modules/left/index.js', 'installed package'],
  ])('touches nothing at %s', async (file, note) => {
    const { proposals, notes } = await codeSyntaxRepairer.propose(
      request(memoryWorkspace({ 'node_modules/left/index.js': broken }), { location: { file } }),
    )
    expect(proposals).toEqual([])
    expect(notes.join(' ')).toContain(note)
  })

  it('does not search for a file when a build fails for reasons of its own, or JSON is broken', async () => {
    const workspace = memoryWorkspace({ 'src/b.js': broken })
    expect(await codeSyntaxRepairer.propose(request(workspace, { category: 'build' }))).toEqual({ proposals: [], notes: [] })
    expect(await codeSyntaxRepairer.propose(request(workspace, { code: 'JSON_SYNTAX' }))).toEqual({ proposals: [], notes: [] })
  })

  it('refuses a file that is too large', async () => {
    const { proposals, notes } = await codeSyntaxRepairer.propose(
      request(memoryWorkspace({ 'a.js': `(${' '.repeat(1024 * 1024)}` }), { category: 'build', location: { file: 'a.js' } }),
    )
    expect(proposals).toEqual([])
    expect(notes.join(' ')).toContain('too large')
  })

  it('proposes no more than is wanted, and stops when it is told to', async () => {
    const workspace = memoryWorkspace({ 'a.js': broken })
    expect((await codeSyntaxRepairer.propose(request(workspace, {}, { proposalsMax: 1 }))).proposals).toHaveLength(1)
    const reason = new Error('enough')
    await expect(codeSyntaxRepairer.propose(request(workspace, {}, { signal: AbortSignal.abort(reason) }))).rejects.toBe(reason)
  })

  it('hears an abort between two files, however many there are', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    const answer = codeSyntaxRepairer.propose(
      request(
        memoryWorkspace(Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`${index}.js`, sound]))),
        {},
        { signal: controller.signal },
      ),
    )
    setImmediate(() => controller.abort(reason))
    await expect(answer).rejects.toBe(reason)
  })

  it('gives proposals that a person can tell apart, in at most 120 characters', async () => {
    const path = `${'deep/'.repeat(40)}cart.js`
    const text =
      'export const total = (order) => sum(order.lines, (line) => line.price ?? 0, (line) => line.count ?? 1\nexport const x = [1, 2]\n'
    const { proposals } = await codeSyntaxRepairer.propose(
      request(memoryWorkspace({ [path]: text }), { location: { file: path } }),
    )
    const titles = proposals.map((proposal) => proposal.title)
    expect(titles.length).toBeGreaterThan(1)
    expect(new Set(titles).size).toBe(titles.length)
    for (const title of titles) {
      expect(title.length).toBeLessThanOrEqual(120)
      expect(title).toMatch(/ in ….*cart\.js, line \d+, column \d+/)
    }
  })
})
