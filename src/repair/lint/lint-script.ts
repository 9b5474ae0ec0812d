/** What the program prints before its answer, so that nothing a tool prints is taken for it. */
export const answerMark = 'homeostat-lint:'

/** The most of text that comes back, in characters: the output of a command is limited. */
export const textLengthMax = 400_000

/** What the program is told, as its one argument: JSON. */
export interface LintOrder {
  readonly tools: readonly { readonly package: string; readonly program: string; readonly fix: readonly string[] }[]
  /** Relative to the folder it runs in. */
  readonly files: readonly string[]
  readonly textLengthMax: number
  readonly mark: string
}

/**
 * A program for `node -e` that lets the project's own tools fix files in the folder it runs in, and prints the texts that came
 * out, by path. It looks the tools up like Node does, because a shell might find others.
 */
export const lintScript = `
'use strict'
const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')
const order = JSON.parse(process.argv[1])
const read = (file) => fs.readFileSync(file, 'utf8')
const manifestOf = (name) => {
  for (let folder = process.cwd(); ; folder = path.dirname(folder)) {
    const file = path.join(folder, 'node_modules', name, 'package.json')
    if (fs.existsSync(file)) return file
    if (folder === path.dirname(folder)) return undefined
  }
}
const before = new Map(order.files.map((file) => [file, read(file)]))
for (const tool of order.tools) {
  const manifest = manifestOf(tool.package)
  if (manifest === undefined) continue
  const { bin } = JSON.parse(read(manifest))
  const program = typeof bin === 'string' ? bin : bin && bin[tool.program]
  if (typeof program !== 'string') continue
  const run = (fix) => spawnSync(process.execPath, [path.join(path.dirname(manifest), program), ...fix, ...order.files.map((file) => './' + file)], { encoding: 'utf8' })
  const first = run(tool.fix)
  // Older versions do not know every option.
  if (/[Ii]nvalid option|[Uu]nknown option/.test(first.stderr || '')) run(tool.fix.filter((word) => word !== '--no-warn-ignored'))
}
let left = order.textLengthMax
const changed = {}
for (const [file, text] of before) {
  const after = read(file)
  if (after === text || after.length > left) continue
  left -= after.length
  changed[file] = after
}
console.log('\\n' + order.mark + JSON.stringify(changed))
`
