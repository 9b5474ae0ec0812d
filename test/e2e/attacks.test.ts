import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findWalls, namespaceSandbox } from '../../src/adapters/namespace-sandbox.js'
import { nodeCommandRunner, processSandbox } from '../../src/adapters/node.js'
import { tryWalls } from '../../src/adapters/sandbox-probe.js'
import { createWorld, type CommandResult, type Sandbox } from '../../src/index.js'
import {
  attackLimits,
  attacks,
  columns,
  commandOf,
  endingOf,
  harm,
  knownEnding,
  standTargets,
  type Attack,
  type Column,
  type Targets,
} from './attacks.js'
import { securityPage, withoutMachine } from './attacks-page.js'

const world = createWorld()
const runner = nodeCommandRunner(world)
const limits = { ...attackLimits, filesMax: 100, copyBytesMax: 1_048_576 }

const sandboxes: Readonly<Record<Exclude<Column, 'none'>, Sandbox>> = {
  process: processSandbox({ world, runner, limits }),
  bubblewrap: namespaceSandbox({ world, runner, limits, find: findWalls(runner, ['bubblewrap']) }),
  unshare: namespaceSandbox({ world, runner, limits, find: findWalls(runner, ['unshare']) }),
}
/** Whether this machine gives it; why not, otherwise. Tried, not assumed. */
const trials = new Map<Column, { readonly holds: boolean; readonly detail: string }>()
for (const column of columns) {
  const isWall = column === 'bubblewrap' || column === 'unshare'
  trials.set(column, isWall ? await tryWalls(column, runner) : { holds: process.platform === 'linux', detail: 'not Linux' })
}
const tried = columns.filter((column) => trials.get(column)?.holds === true)

async function run(
  column: Column,
  attack: Attack,
  { targets, root }: { readonly targets: Targets; readonly root: string },
): Promise<CommandResult> {
  const command = commandOf(attack, targets)
  const { timeoutMs = attackLimits.timeoutMs, processesMax } = attack
  if (column === 'none')
    return runner.run(command, { cwd: root, timeoutMs, outputBytesMax: attackLimits.outputBytesMax, env: process.env })
  await using copy = await sandboxes[column].open(root, { packages: 'link' })
  return await copy.run(command, {
    ...attackLimits,
    timeoutMs,
    cwd: copy.root,
    ...(processesMax !== undefined && { processesMax }),
  })
}

const withoutSandbox = new Map<Attack, Promise<boolean>>()

/** Whether an attack comes to less than is known even without a sandbox. */
function isStoppedByMachine(attack: Attack): Promise<boolean> {
  const known = withoutSandbox.get(attack)
  if (known !== undefined) return known
  const found = (async () => {
    using outside = folder()
    using root = folder()
    await using targets = await standTargets(outside.path)
    const result = await run('none', attack, { targets, root: root.path })
    return harm[endingOf(attack, result, targets)] < harm[knownEnding(attack, 'none')]
  })()
  withoutSandbox.set(attack, found)
  return found
}

/** A folder of its own, for tests that run side by side and so cannot share the hooks of one. */
function folder(): { readonly path: string } & Disposable {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'homeostat-attack-')))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

const named = (alone: boolean) =>
  attacks.filter(({ processesMax }) => (processesMax !== undefined) === alone).map((attack) => [attack.name, attack] as const)

describe.each(tried)('an attack in the sandbox "%s"', (column) => {
  const comesToWhatIsKnown = async (_: string, attack: Attack): Promise<void> => {
    using outside = folder()
    using root = folder()
    await using targets = await standTargets(outside.path)
    const result = await run(column, attack, { targets, root: root.path })
    const ending = endingOf(attack, result, targets)
    // Where the machine itself stops what it usually lets happen, a container for one, a sandbox cannot show more than that.
    if (await isStoppedByMachine(attack)) expect(harm[ending]).toBeLessThanOrEqual(harm[knownEnding(attack, column)])
    else expect(ending, result.output.slice(-500)).toBe(knownEnding(attack, column))
  }
  it.concurrent.each(named(false))('comes to what is known: %s', comesToWhatIsKnown)
  it.each(named(true))('comes to what is known: %s', comesToWhatIsKnown)
})

describe('docs/security-model.md', () => {
  const path = new URL('../../docs/security-model.md', import.meta.url)

  it('says what the attacks came to', () => {
    const page = securityPage(trials)
    if (process.env['UPDATE_DOCS'] === '1') writeFileSync(path, page)
    expect(withoutMachine(readFileSync(path, 'utf8')), 'docs/security-model.md is out of date: UPDATE_DOCS=1').toBe(
      withoutMachine(page),
    )
  })

  it('has a row for each attack', () => {
    for (const { name } of attacks) expect(securityPage(trials)).toContain(`| ${name} |`)
  })
})
