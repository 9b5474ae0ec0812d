import { describe, expect, it } from 'vitest'
import { sha256 } from '../../src/core/hash.js'
import type { FileEdit, Patch } from '../../src/core/patch.js'
import { changesOf } from '../../src/patch/plan.js'

const edit = (path: string, before: string | null, after: string | null): FileEdit => ({
  path,
  before,
  after,
  baseHash: before === null ? null : sha256(before),
})
const patch = (edits: readonly FileEdit[], actions: Patch['actions'] = []): Pick<Patch, 'edits' | 'actions'> => ({
  edits,
  actions,
})

describe('changesOf()', () => {
  it('makes writes and removals with exact bytes and hashes', () => {
    expect(
      changesOf(
        patch([
          edit('a', 'x', 'é\r\n'),
          edit('b', null, ''),
          edit('c', 'y', null),
          edit('d', 'same', 'same'),
          edit('e', null, null),
        ]),
      ),
    ).toEqual([
      { kind: 'write', path: 'a', bytes: Buffer.from('é\r\n'), baseHash: sha256('x') },
      { kind: 'write', path: 'b', bytes: Buffer.from(''), baseHash: null },
      { kind: 'remove', path: 'c', baseHash: sha256('y') },
    ])
  })

  it('makes a change of mode part of the write to the same file, or a change of its own', () => {
    const actions = [
      { kind: 'chmod', path: 'a', modeBefore: 0o644, mode: 0o755 },
      { kind: 'chmod', path: 'b', modeBefore: 0o644, mode: 0o755 },
      { kind: 'install', manager: 'npm', packages: [], folder: '' },
    ] as const
    expect(changesOf(patch([edit('a', 'x', 'y')], actions))).toEqual([
      { kind: 'write', path: 'a', bytes: Buffer.from('y'), baseHash: sha256('x'), mode: 0o755 },
      { kind: 'chmod', path: 'b', modeBefore: 0o644, mode: 0o755 },
    ])
  })

  it.each([
    ['two edits of one path', [edit('a', 'x', 'y'), edit('a', 'x', 'z')]],
    ['a base hash of other bytes', [{ ...edit('a', 'x', 'y'), baseHash: sha256('z') }]],
    ['a base hash of nothing', [{ ...edit('a', null, 'y'), baseHash: sha256('') }]],
    ['half a character', [edit('a', 'x', '\ud83d')]],
  ])('refuses %s', (_, edits) => {
    expect(() => changesOf(patch(edits))).toThrow(expect.objectContaining({ code: 'HS_PATCH_CONFLICT' }))
  })

  it('refuses paths that must not be touched', () => {
    expect(() => changesOf(patch([edit('../a', null, 'x')]))).toThrow(expect.objectContaining({ code: 'HS_PATH_REFUSED' }))
    expect(() => changesOf(patch([], [{ kind: 'chmod', path: '.git/hooks/x', modeBefore: 0o644, mode: 0o755 }]))).toThrow(
      expect.objectContaining({ code: 'HS_PATH_REFUSED' }),
    )
  })
})
