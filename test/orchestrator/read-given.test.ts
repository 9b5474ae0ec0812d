import { describe, expect, it } from 'vitest'
import { sha256 } from '../../src/core/hash.js'
import type { Patch } from '../../src/core/patch.js'
import { isHomeostatError, SelfHealingOrchestrator } from '../../src/index.js'
import { renderDiff } from '../../src/patch/render.js'
import { createTestWorld } from '../../src/testing/test-world.js'
import { fakeProject, type Files } from './fake-project.js'

const command = ['npm', 'test']
const before: Files = { 'src/a.js': 'bad\r\nlast', 'b.js': 'x\n' }
const edit = { path: 'src/a.js', before: 'bad\r\nlast', after: 'good\r\nlast', baseHash: sha256('bad\r\nlast') }
const patch: Patch = { id: 'p', title: 'Mend it', strategy: 'given', edits: [edit], actions: [] }

const texts: readonly (readonly [string, string])[] = [
  ['a unified diff', renderDiff([edit])],
  ['search-and-replace blocks', 'src/a.js\n<<<<<<< SEARCH\nbad\n=======\ngood\n>>>>>>> REPLACE\n'],
  ['whole files', 'src/a.js\n```js\ngood\nlast\n```\n'],
  ['the apply_patch format', '*** Begin Patch\n*** Update File: src/a.js\n-bad\n+good\n*** End Patch\n'],
]

function setUp() {
  const project = fakeProject(before, (files) => (files['src/a.js']?.startsWith('good') === true ? undefined : 'AssertionError'))
  const world = createTestWorld()
  const healer = new SelfHealingOrchestrator({ autonomy: 'apply' }, { world, ...project.ports })
  return {
    ...project,
    healer,
    apply: (given: Patch | string) => world.clock.until(healer.applyPatch(given, { reason: 'a test', command })),
  }
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
    return 'done'
  } catch (error) {
    return isHomeostatError(error) ? error.code : String(error)
  }
}

describe('applyPatch()', () => {
  it.each(texts)('takes %s, and keeps the bytes that it does not change', async (_, text) => {
    const { apply, files } = setUp()
    const receipt = await apply(text)
    expect(files()).toEqual({ ...before, 'src/a.js': 'good\r\nlast' })
    expect(receipt.patch).toMatchObject({ title: 'Edit src/a.js', edits: [edit] })
    await receipt.rollback()
    expect(files()).toEqual(before)
  })

  it.each<readonly [string, string, string]>([
    ['a text without a patch', 'Sorry, I cannot help with that.', 'HS_PATCH_MALFORMED'],
    ['a patch that changes nothing', 'b.js\n```\nx\n```\n', 'HS_PATCH_MALFORMED'],
    ['lines that are not there', 'b.js\n<<<<<<< SEARCH\ny\n=======\nz\n>>>>>>> REPLACE\n', 'HS_PATCH_CONFLICT'],
    ['a path outside', '*** Begin Patch\n*** Add File: ../a\n+x\n*** End Patch\n', 'HS_PATH_REFUSED'],
    ['a diff with a path outside', '--- /dev/null\n+++ b/../a\n@@ -0,0 +1 @@\n+x\n', 'HS_AUDIT_BLOCKED'],
    ['what the audit blocks', '*** Begin Patch\n*** Add File: c.js\n+let a = "\u202e"\n*** End Patch\n', 'HS_AUDIT_BLOCKED'],
  ])('refuses %s', async (_, text, code) => {
    const { apply, files } = setUp()
    expect(await codeOf(apply(text))).toBe(code)
    expect(files()).toEqual(before)
  })

  it('applies what was audited, whatever happens to the object that it was given', async () => {
    const { apply, healer, files } = setUp()
    const given = structuredClone(patch) as { edits: { after: string }[] } & Patch
    healer.on('patch.audited', () => {
      for (const one of given.edits) one.after = 'evil'
    })
    const receipt = await apply(given)
    expect(files()['src/a.js']).toBe('good\r\nlast')
    expect(receipt.patch.edits[0]?.after).toBe('good\r\nlast')
  })
})

describe('audit()', () => {
  it.each([...texts, ['a patch', patch]] as const)('sees what %s does', async (_, given) => {
    const { healer, files } = setUp()
    expect(await healer.audit(given)).toMatchObject({ verdict: 'allow', findings: [] })
    expect(files()).toEqual(before)
  })

  it.each([
    ['*** Begin Patch\n*** Add File: c.js\n+let a = "\u202e"\n*** End Patch\n', 'UNI-BIDI'],
    ['c.js\n```\nlet a = "\u202e"\n```\n', 'UNI-BIDI'],
    ['*** Begin Patch\n*** Add File: ../c.js\n+x\n*** End Patch\n', 'STR-MALFORMED'],
    ['*** Begin Patch\n*** Add File: c.js\nx\n*** End Patch\n', 'STR-MALFORMED'],
    ['just words', 'STR-MALFORMED'],
  ])('blocks %j', async (text, rule) => {
    const { verdict, findings } = await setUp().healer.audit(text)
    expect(verdict).toBe('block')
    expect(findings.map((finding) => finding.rule)).toContain(rule)
  })

  it('cannot tell what a patch does that does not fit the files', async () => {
    const text = 'b.js\n<<<<<<< SEARCH\ny\n=======\nz\n>>>>>>> REPLACE\n'
    expect(await codeOf(setUp().healer.audit(text))).toBe('HS_PATCH_CONFLICT')
  })
})
