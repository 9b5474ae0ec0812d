import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HomeostatError, isHomeostatError } from '../../src/core/errors.js'
import { canonicalJson, sha256 } from '../../src/core/hash.js'
import type { Change } from '../../src/core/ports.js'
import type { Seal } from '../../src/core/seal.js'
import { changesDigest } from '../../src/patch/changes-digest.js'
import { openJournal, type Journal } from '../../src/patch/journal.js'
import { memoryFileSystem } from '../../src/testing/memory-file-system.js'
import { createTestWorld } from '../../src/testing/test-world.js'
import { everyChange, project, tree } from '../sim/journal-scenario.js'

const digest = sha256('x')
const meta = { title: 'Repair', reason: 'it was broken' }

function sealOf(changes: string, members: Partial<Seal> = {}): Seal {
  return {
    version: 1,
    algorithm: 'ed25519',
    keyId: digest,
    ephemeral: true,
    sealedEpochMs: 1,
    patchDigest: digest,
    changesDigest: changes,
    auditDigest: digest,
    verdict: 'allow',
    validationDigest: digest,
    policyDigest: digest,
    bases: [],
    signature: '0'.repeat(128),
    ...members,
  }
}

type Verify = (seal: Seal) => unknown

function setUp({ verifySeal }: { readonly verifySeal?: Verify } = {}) {
  const files = project()
  const open = (): Journal =>
    openJournal({ root: '/p', files, world: createTestWorld(), ...(verifySeal === undefined ? {} : { verifySeal }) })
  return { files, open, journal: open(), before: tree(files) }
}

function codeOf(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    if (isHomeostatError(error)) return error.code
    throw error
  }
  return 'done'
}

describe('a journal that verifies seals', () => {
  const holds: Verify = () => undefined

  it('applies what is sealed, and keeps the seal as the proof', () => {
    const { files, journal, open } = setUp({ verifySeal: holds })
    const changes = everyChange()
    const seal = sealOf(changesDigest(changes, files))
    expect(journal.apply(changes, { ...meta, seal }).seal).toEqual(seal)
    expect(open().list()[0]?.seal).toEqual(seal)
    expect(open().rollback().outcome).toBe('rolled-back')
  })

  it('applies nothing without a seal, or with one that does not hold, and touches nothing of the project', () => {
    const refuse = (): never => {
      throw new HomeostatError('HS_SEAL_INVALID', { title: 't', reason: 'r' })
    }
    for (const [verify, make] of [
      [holds, () => undefined],
      [refuse, (good: string) => sealOf(good)],
      [holds, () => sealOf(digest)],
      [holds, (good: string) => sealOf(good, { signature: 'short' })],
    ] as const) {
      const { files, journal, before } = setUp({ verifySeal: verify })
      const changes = everyChange()
      const seal = make(changesDigest(changes, files))
      expect(codeOf(() => journal.apply(changes, { ...meta, ...(seal === undefined ? {} : { seal }) }))).toBe('HS_SEAL_INVALID')
      expect(tree(files)).toEqual(before)
      expect(journal.list()).toEqual([])
    }
  })

  it('does not take a sealed patch for files that have changed since', () => {
    const { files, journal } = setUp({ verifySeal: holds })
    const changes = everyChange()
    const seal = sealOf(changesDigest(changes, files))
    const [path] = changes.flatMap((change) => (change.kind === 'write' && change.baseHash !== null ? [change.path] : []))
    files.removeTree(`/p/${path}`)
    files.writeNew(`/p/${path}`, Buffer.from('someone else wrote this'), 0o644)
    const before = tree(files)
    expect(codeOf(() => journal.apply(changes, { ...meta, seal }))).toBe('HS_PATCH_CONFLICT')
    expect(tree(files)).toEqual(before)
  })

  it('takes a seal once: the files are no longer what it was made for', () => {
    const { files, journal } = setUp({ verifySeal: holds })
    const changes = everyChange().filter(({ kind }) => kind === 'write')
    const seal = sealOf(changesDigest(changes, files))
    journal.apply(changes, { ...meta, seal })
    expect(codeOf(() => journal.apply(changes, { ...meta, seal }))).toBe('HS_PATCH_CONFLICT')
  })
})

describe('a journal that does not', () => {
  it('keeps a seal that it is given, if it is one of these changes', () => {
    const { files, journal } = setUp()
    const changes = everyChange()
    expect(codeOf(() => journal.apply(changes, { ...meta, seal: sealOf(digest) }))).toBe('HS_SEAL_INVALID')
    expect(journal.apply(changes, { ...meta, seal: sealOf(changesDigest(changes, files)) }).seal).toBeDefined()
  })

  it('applies what has none', () => {
    expect(setUp().journal.apply(everyChange(), meta).seal).toBeUndefined()
  })
})

describe('changesDigest()', () => {
  const change = fc.oneof(
    fc.record({
      kind: fc.constant('write' as const),
      path: fc.string(),
      bytes: fc.uint8Array({ maxLength: 8 }),
      baseHash: fc.option(fc.constantFrom(digest, sha256('y'))),
    }),
    fc.record({ kind: fc.constant('remove' as const), path: fc.string(), baseHash: fc.constantFrom(digest, sha256('y')) }),
    fc.record({ kind: fc.constant('chmod' as const), path: fc.string(), modeBefore: fc.nat(0o777), mode: fc.nat(0o777) }),
  ) as fc.Arbitrary<Change>
  const files = memoryFileSystem()

  it('differs exactly when the changes do', () => {
    const bytesShown = (one: Change): object => (one.kind === 'write' ? { ...one, bytes: [...one.bytes] } : one)
    const shown = (changes: readonly Change[]): string => canonicalJson(changes.map(bytesShown))
    fc.assert(
      fc.property(fc.array(change, { maxLength: 3 }), fc.array(change, { maxLength: 3 }), (a, b) => {
        expect(changesDigest(a, files) === changesDigest(b, files)).toBe(shown(a) === shown(b))
        expect(changesDigest(a, files)).toBe(changesDigest(structuredClone(a), files))
      }),
    )
  })

  it('sees another set of packages in a folder that is brought in, wherever it stands', () => {
    const [one, two, other] = ['/one', '/two', '/other'].map((folder, index) => {
      files.mkdir(folder, 0o755)
      files.writeNew(`${folder}/index.js`, Buffer.from(index === 2 ? 'longer' : 'same'), 0o644)
      return changesDigest([{ kind: 'tree', path: 'node_modules', from: folder }], files)
    })
    expect(two).toBe(one)
    expect(other).not.toBe(one)
    expect(changesDigest([{ kind: 'tree', path: 'node_modules', from: null }], files)).not.toBe(one)
  })
})
