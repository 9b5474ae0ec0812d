import { describe, expect, it } from 'vitest'
import { sha256 } from '../../src/core/hash.js'
import { allowsComments, jsonSyntaxRepairer } from '../../src/repair/json/json-syntax-repairer.js'
import { memoryWorkspace } from '../../src/testing/memory-workspace.js'
import { request } from './code-request.js'

const broken = '{\n  "a": 1\n  "b": 2\n}\n'
const sound = '{\n  "a": 1,\n  "b": 2\n}\n'

describe('jsonSyntaxRepairer', () => {
  it.each(['package.json', './package.json', '/project/package.json', 'file:///project/package.json?x=1'])(
    'repairs the file that the fault names as %s',
    async (file) => {
      const { proposals } = await jsonSyntaxRepairer.propose(
        request(memoryWorkspace({ 'package.json': broken }), { location: { file } }),
      )
      expect(proposals[0]).toMatchObject({
        title: 'Insert the missing "," in package.json, line 2, column 9',
        edits: [{ path: 'package.json', before: broken, after: sound, baseHash: sha256(broken) }],
        actions: [],
      })
    },
  )

  it('finds the broken file when the fault names none', async () => {
    const workspace = memoryWorkspace({ 'package.json': '{}', 'data/users.json': broken, 'src/a.js': 'JSON.parse(x' })
    const { proposals } = await jsonSyntaxRepairer.propose(
      request(workspace, { code: 'JSON_SYNTAX', location: { file: '/project/src/a.js' } }),
    )
    expect(proposals[0]?.edits[0]?.path).toBe('data/users.json')
  })

  it('prefers the file that holds the text V8 quotes', async () => {
    const workspace = memoryWorkspace({ 'a.json': '{"x": }', 'b.json': '{"name": "lemon",, "price": 3}' })
    const message = `SyntaxError: Expected double-quoted property name in JSON at position 17, ..."name": "lemon",, "pr"... is not valid JSON`
    const { proposals } = await jsonSyntaxRepairer.propose(request(workspace, { code: 'JSON_SYNTAX', message }))
    expect(proposals[0]?.edits[0]?.path).toBe('b.json')
  })

  it('reads the name out of the evidence, also relative to a folder of its own', async () => {
    const workspace = memoryWorkspace({ 'packages/shop/config/rates.json': broken, 'a.json': broken })
    const { proposals } = await jsonSyntaxRepairer.propose(
      request(workspace, { code: 'JSON_SYNTAX', evidence: ['Failed to parse config/rates.json'] }),
    )
    expect(proposals[0]?.edits[0]?.path).toBe('packages/shop/config/rates.json')
  })

  it('keeps the comments of tsconfig.json', async () => {
    const text = '{\n  // strict\n  "a": 1\n  "b": 2,\n}\n'
    const { proposals } = await jsonSyntaxRepairer.propose(
      request(memoryWorkspace({ 'tsconfig.json': text }), {
        category: 'configuration',
        code: 'TS1005',
        location: { file: 'tsconfig.json', line: 3 },
      }),
    )
    expect(proposals[0]?.edits[0]?.after).toBe(text.replace('1\n', '1,\n'))
  })

  it('takes the byte order mark away and hashes the text with it', async () => {
    const text = `\ufeff${sound}`
    const { proposals } = await jsonSyntaxRepairer.propose(
      request(memoryWorkspace({ 'package.json': text }), { location: { file: 'package.json' } }),
    )
    expect(proposals[0]?.edits[0]).toMatchObject({ after: sound, baseHash: sha256(text) })
  })

  it('proposes no more than is wanted', async () => {
    const workspace = memoryWorkspace({ 'a.json': '{"a": {"b": 1, "c": {"d": 2}, "e": 3}' })
    const { proposals } = await jsonSyntaxRepairer.propose(
      request(workspace, { location: { file: 'a.json' } }, { proposalsMax: 1 }),
    )
    expect(proposals).toHaveLength(1)
  })

  it.each([
    ['outside', '../other/package.json', 'outside the workspace'],
    ['absolutely outside', '/etc/secrets.json', 'outside the workspace'],
    ['a file of an installed package', 'node_modules/x/package.json', 'installed package'],
  ])('touches nothing %s', async (_, file, note) => {
    const workspace = memoryWorkspace({ 'package.json': '{}', 'other.json': broken })
    const { proposals, notes } = await jsonSyntaxRepairer.propose(request(workspace, { location: { file } }))
    expect(proposals).toEqual([])
    expect(notes.join(' ')).toContain(note)
  })

  it('says that lost content is lost', async () => {
    const { proposals, notes } = await jsonSyntaxRepairer.propose(
      request(memoryWorkspace({ 'a.json': '{"a": "b' }), { location: { file: 'a.json' } }),
    )
    expect(proposals).toEqual([])
    expect(notes.join(' ')).toContain('restore it from version control')
  })

  it('has no business with faults of code', async () => {
    expect(
      await jsonSyntaxRepairer.propose(request(memoryWorkspace({ 'a.json': broken }), { location: { file: 'src/a.js' } })),
    ).toEqual({ proposals: [], notes: [] })
  })

  it('says when nothing that is named is broken', async () => {
    const { proposals, notes } = await jsonSyntaxRepairer.propose(
      request(memoryWorkspace({ 'a.json': sound }), { location: { file: 'a.json' } }),
    )
    expect(proposals).toEqual([])
    expect(notes).toHaveLength(1)
  })

  it('leaves files alone that are broken on purpose, unless they are named', async () => {
    const workspace = memoryWorkspace({ 'test/fixtures/broken.json': broken })
    expect((await jsonSyntaxRepairer.propose(request(workspace, { code: 'JSON_SYNTAX' }))).proposals).toEqual([])
    expect(
      (await jsonSyntaxRepairer.propose(request(workspace, { location: { file: 'test/fixtures/broken.json' } }))).proposals,
    ).toHaveLength(1)
  })

  it('stops when it is told to, with the reason', async () => {
    const reason = new Error('enough')
    await expect(
      jsonSyntaxRepairer.propose(request(memoryWorkspace({}), {}, { signal: AbortSignal.abort(reason) })),
    ).rejects.toBe(reason)
  })

  it('hears an abort between two files', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    const answer = jsonSyntaxRepairer.propose(
      request(
        memoryWorkspace(Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`${index}.json`, sound]))),
        { code: 'JSON_SYNTAX' },
        { signal: controller.signal },
      ),
    )
    setImmediate(() => controller.abort(reason))
    await expect(answer).rejects.toBe(reason)
  })

  it('reads hostile text without harm', async () => {
    const message = `${'a/'.repeat(200_000)}x.json ${'\u001b]0;x\u0007'.repeat(1_000)} "$(touch pwned).json" __proto__.json`
    const { proposals } = await jsonSyntaxRepairer.propose(
      request(memoryWorkspace({ 'package.json': '{}' }), {
        code: 'JSON_SYNTAX',
        message,
        evidence: [message],
        location: { file: 'a\0b.json' },
      }),
    )
    expect(proposals).toEqual([])
  })
})

describe('allowsComments()', () => {
  it.each(['tsconfig.json', 'packages/a/tsconfig.build.json', 'jsconfig.json', 'x.jsonc', '.vscode/settings.json', '.eslintrc'])(
    'is true of %s',
    (path) => {
      expect(allowsComments(path)).toBe(true)
    },
  )
  it.each(['package.json', 'data/tsconfig-like.json.txt', 'settings.json'])('is false of %s', (path) => {
    expect(allowsComments(path)).toBe(false)
  })
})
