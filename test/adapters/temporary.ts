import { chmodSync, mkdirSync, mkdtempSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { removeTree } from '../../src/adapters/remove-tree.js'

/** What a test puts at a path: text, a file with a mode, a link, or a folder with a mode. */
export type Planted =
  | string
  | { readonly text: string | Uint8Array; readonly mode?: number }
  | { readonly link: string }
  | { readonly folder: number }

/** A folder of its own for the running test, links resolved, with this in it; removed when the test ends. */
export function temporaryFolder(tree: Readonly<Record<string, Planted>> = {}): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'homeostat-test-')))
  onTestFinished(() => removeTree(folder))
  plant(folder, tree)
  return folder
}

/** Writes a tree of files, folders and links. */
export function plant(folder: string, tree: Readonly<Record<string, Planted>>): void {
  for (const [path, what] of Object.entries(tree)) {
    const target = join(folder, path)
    mkdirSync(dirname(target), { recursive: true })
    if (typeof what === 'string') writeFileSync(target, what)
    else if ('link' in what) symlinkSync(what.link, target)
    else if ('folder' in what) mkdirSync(target, { mode: what.folder })
    else {
      writeFileSync(target, what.text)
      if (what.mode !== undefined) chmodSync(target, what.mode)
    }
  }
}
