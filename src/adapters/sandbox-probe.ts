import { existsSync, mkdtempSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CommandRunner } from '../core/ports.js'
import { oneLine } from '../core/text.js'
import { bubblewrapCommand } from './sandbox-bubblewrap.js'
import { removeTree } from './remove-tree.js'
import { unshareCommand } from './sandbox-unshare.js'
import { viewOf } from './sandbox-view.js'
import type { WallBuilder } from './sandbox-walls.js'

/** What may raise the walls of the tier `namespace`, best first. */
export const wallBuilders = { bubblewrap: bubblewrapCommand, unshare: unshareCommand } as const satisfies Readonly<
  Record<string, WallBuilder>
>
/** One of {@link wallBuilders}. */
export type WallName = keyof typeof wallBuilders

/** Whether walls hold on this machine; `detail` says what was seen, in one line. */
export interface WallTrial {
  readonly holds: boolean
  readonly detail: string
}

/**
 * Tries walls once, really: a command behind them must write where it may, and must not read or write a file outside, nor have a
 * network beyond itself. Nobody's word is taken for it: machines forbid namespaces in many ways, some only in part. Never rejects.
 */
export async function tryWalls(name: WallName, runner: CommandRunner): Promise<WallTrial> {
  if (process.platform !== 'linux') return { holds: false, detail: `there are none on ${process.platform}` }
  let folder: string | undefined
  try {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'homeostat-walls-')))
    const at = (path: string): string => join(folder ?? '', path)
    const [base, privateTmp, newRoot, outside] = [at('base'), at('tmp'), at('root'), at('outside')]
    for (const path of [base, privateTmp, newRoot]) await mkdir(path)
    writeFileSync(outside, 'outside')
    const view = viewOf({
      place: { base, links: new Set(), environment: { tools: {}, own: {} } },
      home: at('home'),
      environment: process.env,
    })
    const inside = join(base, 'written')
    const command = [process.execPath, '-e', attempt, outside, inside]
    const { ending, exitCode, output } = await runner.run(
      wallBuilders[name]({ command, cwd: base, view, install: false, privateTmp, newRoot }),
      { cwd: base, timeoutMs: 10_000, outputBytesMax: 4_096 },
    )
    const said = oneLine(output.trim().split('\n').at(-1) ?? '', 200)
    if (readFileSync(outside, 'utf8') !== 'outside') return { holds: false, detail: 'a file outside was written' }
    if (ending === 'exited' && exitCode === 0 && said === holding && existsSync(inside))
      return { holds: true, detail: 'tried: the walls hold' }
    return { holds: false, detail: said || (ending === 'exited' ? `exit code ${exitCode}` : ending) }
  } catch (error) {
    return { holds: false, detail: oneLine(error instanceof Error ? error.message : String(error), 200) }
  } finally {
    // What cannot be removed lies in the temporary folder, and says nothing of the walls.
    if (folder !== undefined) await removeTree(folder).catch(() => undefined)
  }
}

const holding = 'homeostat: walls hold'

/** Runs behind the walls, in Node. Prints what it could do and should not, or the one line that is expected. */
const attempt = `
const fs = require('node:fs'), os = require('node:os')
const [outside, inside] = process.argv.slice(1)
const wrong = []
const can = (what, work) => { try { work(); wrong.push(what) } catch {} }
can('a file outside was read', () => fs.readFileSync(outside))
try { fs.writeFileSync(outside, 'inside') } catch {} // This may land in a folder of its own: who stays outside looks.
can('the root folder was written', () => fs.writeFileSync('/homeostat', ''))
can('a setting of the machine was opened', () => fs.openSync('/proc/sys/kernel/core_pattern', 'r+'))
can('the system was written', () => fs.writeFileSync('/usr/homeostat', ''))
if (Object.keys(os.networkInterfaces()).some((name) => name !== 'lo')) wrong.push('there is a network')
fs.writeFileSync(inside, 'inside')
require('node:net').createServer().on('error', () => done('there is no loopback address')).listen(0, '127.0.0.1', () => done())
function done(problem) {
  if (problem) wrong.push(problem)
  console.log(wrong.length === 0 ? '${holding}' : wrong.join(', '))
  process.exit(wrong.length === 0 ? 0 : 1)
}
`
