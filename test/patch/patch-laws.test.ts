import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isHomeostatError } from '../../src/core/errors.js'
import { parseDiff } from '../../src/core/parse-diff.js'
import type { Change } from '../../src/core/ports.js'
import { editsFromDiff } from '../../src/patch/apply-diff.js'
import { renderDiff } from '../../src/patch/render.js'
import { memoryFileSystem, type MemoryFileSystem } from '../../src/testing/memory-file-system.js'
import { anyScenario, changesOf, lay, openAnew, treeAfter, type Scenario, type Tree } from './crash-scenario.js'

const meta = { title: 'Repair', reason: 'test' }

function projectOf(scenario: Scenario): MemoryFileSystem {
  const files = memoryFileSystem()
  lay(scenario, files, { root: '/p', stage: '/stage', link: files.link })
  return files
}

function treeOf(files: MemoryFileSystem): Tree {
  return Object.fromEntries(Object.entries(files.dump('/p')).filter(([path]) => !`${path}/`.startsWith('.homeostat/')))
}

function apply(files: MemoryFileSystem, changes: readonly Change[]): string {
  try {
    openAnew('/p', files).apply(changes, meta)
    return 'done'
  } catch (error) {
    return isHomeostatError(error) ? error.code : String(error)
  }
}

describe('any patch of any tree', () => {
  it('does what it says, and its rollback restores every byte, mode, link and absence', () => {
    fc.assert(
      fc.property(anyScenario, (scenario) => {
        const files = projectOf(scenario)
        const [before, changes] = [treeOf(files), changesOf(scenario, '/stage')]
        const after = treeAfter(before, changes, files.dump('/stage'))
        expect(apply(files, changes)).toBe('done')
        expect(treeOf(files)).toEqual(after)
        expect(openAnew('/p', files).rollback().outcome).toBe('rolled-back')
        expect(treeOf(files)).toEqual(before)
      }),
      { numRuns: 60 },
    )
  })

  it('conflicts when it is applied twice, unless there was nothing to see of it; and changes nothing then', () => {
    let refused = 0
    fc.assert(
      fc.property(anyScenario, (scenario) => {
        const files = projectOf({ ...scenario, packages: 'untouched' })
        const changes = changesOf({ ...scenario, packages: 'untouched' }, '/stage')
        if (changes.length === 0) return
        const before = treeOf(files)
        expect(apply(files, changes)).toBe('done')
        const after = treeOf(files)
        // Equal bytes with another mode are no other bytes: that may be said twice.
        const seen = changes.some(({ kind, path }) => {
          const [old, now] = [before[path], after[path]]
          return kind === 'chmod' ? old !== now : old === undefined || now === undefined || contentOf(old) !== contentOf(now)
        })
        if (seen) refused += 1
        expect(apply(files, changes)).toBe(seen ? 'HS_PATCH_CONFLICT' : 'done')
        expect(treeOf(files)).toEqual(after)
      }),
      { numRuns: 100 },
    )
    expect(refused).toBeGreaterThan(50)
  })
})

function contentOf(entry: string): string {
  return entry.replace(/^file \d+ /, '')
}

describe('a diff with new, deleted, renamed, copied and changed files', () => {
  const present: Readonly<Record<string, string>> = { a: 'one\ntwo\nthree\n', 'b c': 'x\r\ny', 'd/e': '', 'd/"f"': 'f\n' }
  const head = (from: string, to: string): string => `diff --git ${quoted('a/', from)} ${quoted('b/', to)}\n`
  const moved = (kind: 'rename' | 'copy') => (from: string, to: string) =>
    `${head(from, to)}similarity index 100%\n${kind} from ${quoted('', from)}\n${kind} to ${quoted('', to)}\n`
  const made = (_: string, to: string): string =>
    `${head(to, to)}new file mode 100755\n--- /dev/null\n+++ ${quoted('b/', to)}\n@@ -0,0 +1,2 @@\n+new\n+\u00e4\r\n\\ No newline at end of file\n`
  const section = fc.tuple(fc.constantFrom(moved('rename'), moved('copy'), made), fc.constantFrom(...Object.keys(present)))
  const changed = 'diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n'
  const removed = 'diff --git a/d/e b/d/e\ndeleted file mode 100644\nindex e69de29..0000000\n'

  it('says the same after it was read, printed and read again, and is printed the same again', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(section, { selector: ([, from]) => from, maxLength: 4 }),
        fc.constantFrom('', changed, removed, `${changed}${removed}`),
        (sections, rest) => {
          const kept = sections.filter(
            ([, from]) => !(rest.includes('a/a') && from === 'a') && !(rest.includes('d/e') && from === 'd/e'),
          )
          const text = kept.map(([say, from], index) => say(from, `to ${index}/${from}`)).join('') + rest
          const read = (path: string): string | undefined => present[path]
          const edits = editsFromDiff(parseDiff(text), read)
          const printed = renderDiff(edits)
          expect(editsFromDiff(parseDiff(printed), read)).toEqual(edits)
          expect(renderDiff(editsFromDiff(parseDiff(printed), read))).toBe(printed)
          expect(edits.length).toBeGreaterThanOrEqual(kept.length)
        },
      ),
    )
  })
})

/** A path as git prints it. */
function quoted(prefix: string, path: string): string {
  const whole = prefix + path
  return whole.includes('"') ? `"${whole.replaceAll('"', '\\"')}"` : whole
}
