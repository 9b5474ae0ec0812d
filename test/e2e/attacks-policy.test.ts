import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { nodeCommandRunner, processSandbox } from '../../src/adapters/node.js'
import { tryWalls } from '../../src/adapters/sandbox-probe.js'
import { createWorld, isHomeostatError, SelfHealingOrchestrator, type HealPorts } from '../../src/index.js'

const world = createWorld()
const runner = nodeCommandRunner(world)
const hasWalls = (await tryWalls('bubblewrap', runner)).holds || (await tryWalls('unshare', runner)).holds
const command = ['npm', 'start']
const broken = "const { total } = require('./pricse.js')\nif (total([1, 2]) !== 3) throw new Error('wrong')\n"

let root: string
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'attacks-policy-')))
  writeFileSync(join(root, 'package.json'), '{ "name": "victim", "version": "1.0.0", "scripts": { "start": "node shop.js" } }\n')
  writeFileSync(join(root, 'prices.js'), 'exports.total = (all) => all.reduce((sum, one) => sum + one, 0)\n')
  writeFileSync(join(root, 'shop.js'), broken)
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

/** A healer whose policy asks for walls. */
function walled(ports: Partial<HealPorts> = {}): SelfHealingOrchestrator {
  return new SelfHealingOrchestrator(
    { autonomy: 'apply', confidence: { promoteMin: 0.5 }, sandbox: { tierMin: 'namespace' } },
    ports,
  )
}

describe('a policy that asks for the tier "namespace"', () => {
  const patch =
    "--- a/shop.js\n+++ b/shop.js\n@@ -1,2 +1,2 @@\n-const { total } = require('./pricse.js')\n+const { total } = require('./prices.js')\n if (total([1, 2]) !== 3) throw new Error('wrong')\n"
  /** Says of itself that it is weaker; it must not even be opened. */
  const weaker: Partial<HealPorts> = {
    sandbox: (limits) => ({ ...processSandbox({ world, runner, limits }), open: () => Promise.reject(new Error('was opened')) }),
  }

  it('applies nothing in a weaker sandbox, and says so by code', async () => {
    await using healer = walled(weaker)
    await expect(healer.applyPatch(patch, { reason: 'test', cwd: root, command })).rejects.toSatisfy(
      (error) => isHomeostatError(error, 'HS_SANDBOX_TIER') && error.message.includes('"process"'),
    )
    expect(readFileSync(join(root, 'shop.js'), 'utf8')).toBe(broken)
  })

  it('heals nothing in a weaker sandbox, and leaves it to a person', async () => {
    await using healer = walled(weaker)
    const result = await healer.healCode({ command, cwd: root })
    expect(result).toMatchObject({ outcome: 'escalated', decision: { reasons: ['sandbox.failed'] } })
    expect(result.notes.join()).toContain('"namespace"')
    expect(readFileSync(join(root, 'shop.js'), 'utf8')).toBe(broken)
  })

  it.runIf(hasWalls)('heals behind walls where the machine has them, and every validation says so', async () => {
    await using healer = walled()
    const result = await healer.healCode({ command, cwd: root })
    expect(result).toMatchObject({ outcome: 'healed', validation: { passed: true, sandbox: 'namespace' } })
    expect(readFileSync(join(root, 'shop.js'), 'utf8')).toContain("require('./prices.js')")
  })

  it.runIf(!hasWalls)('heals nothing where the machine has none', async () => {
    await using healer = walled()
    expect(await healer.healCode({ command, cwd: root })).toMatchObject({ outcome: 'escalated' })
  })
})
