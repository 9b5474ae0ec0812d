import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { sha256 } from '../../src/core/hash.js'
import type { Repairer } from '../../src/core/repairer.js'
import { SelfHealingOrchestrator, type HealingResult } from '../../src/index.js'

const broken = `import { readFileSync } from 'node:fs'
export const lines = () => readFileSync('/etc/hostname', 'utf8').split('\\n').lenght
`
const test = `import { lines } from './lines.js'
if (typeof lines() !== 'number') throw new TypeError('lines() gives ' + lines())
`

/** Heals a project of real files whose fault is repaired by this text. */
async function healed(after: string): Promise<{ readonly result: HealingResult; readonly text: () => string }> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'behaviour-')))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  const files = { 'package.json': '{"type":"module"}\n', 'lines.js': broken, 'test.js': test }
  for (const [path, text] of Object.entries(files)) writeFileSync(join(root, path), text)
  const edits = [{ path: 'lines.js', before: broken, after, baseHash: sha256(broken) }]
  const own: Repairer = {
    id: 'own',
    categories: ['runtime', 'test', 'build'],
    propose: () =>
      Promise.resolve({ proposals: [{ title: 'Mend', edits, actions: [], plausibility: 0.95, rationale: '' }], notes: [] }),
  }
  const healer = new SelfHealingOrchestrator({ autonomy: 'apply', confidence: { promoteMin: 0.5 } }, { repairers: [own] })
  onTestFinished(() => healer.close())
  const result = await healer.healCode({ command: [process.execPath, 'test.js'], cwd: root })
  return { result, text: () => readFileSync(join(root, 'lines.js'), 'utf8') }
}

it('heal() sees in real processes what a patch hides, and lets one pass that hides nothing', async () => {
  const plain = broken.replace('lenght', 'length')
  const hidden = plain.replace('=> ', "=> readFileSync(['', 'etc', 'pass' + 'wd'].join('/')).length && ")
  const sly = await healed(hidden)
  expect(sly.result).toMatchObject({ outcome: 'proposed', audit: { stages: { dynamic: { state: 'done' } } } })
  expect(sly.result.audit?.findings).toContainEqual(
    expect.objectContaining({
      rule: 'BEHAVIOUR-FILES',
      verdict: 'review',
      evidence: '/etc/passwd',
      location: { file: 'lines.js' },
    }),
  )
  expect(sly.text()).toBe(broken)
  const good = await healed(plain)
  expect(good.result).toMatchObject({
    outcome: 'healed',
    audit: { verdict: 'allow', stages: { dynamic: { state: 'done', findings: [] } } },
  })
  expect(good.text()).toBe(plain)
}, 30_000)
