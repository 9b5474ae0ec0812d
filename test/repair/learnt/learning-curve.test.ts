import { Script } from 'node:vm'
import { describe, expect, it } from 'vitest'
import type { Fault } from '../../../src/core/fault.js'
import type { Proposal, Repairer } from '../../../src/core/repairer.js'
import { classify } from '../../../src/faults/classify.js'
import { Knowledge } from '../../../src/memory/knowledge/knowledge.js'
import { memoryKnowledgeStore } from '../../../src/memory/knowledge/memory-knowledge-store.js'
import { codeSyntaxRepairer } from '../../../src/repair/code/code-syntax-repairer.js'
import { learntRepairer } from '../../../src/repair/learnt/learnt.js'
import { strategyOrder } from '../../../src/repair/learnt/strategy-order.js'
import { createTestWorld } from '../../../src/testing/index.js'
import { memoryWorkspace } from '../../../src/testing/memory-workspace.js'
import { request } from '../code-request.js'

const sound = `const names = ['anna', 'ben']
const total = (list, rate) => {
  let sum = 0
  for (const { price, count } of list) sum += price * count
  return Math.round(sum * (1 + rate) * 100) / 100
}
function label(item, index) {
  const place = index + 1
  if (item.hidden) return ''
  return place + '. ' + item.name.trim() + ' (' + item.tags.join(', ') + ')'
}
const shown = names.map((name) => name.toUpperCase()).filter((name) => name.length > 3)
module.exports = { total, label, shown, limits: { low: [0, 10], high: [10, 100] } }
`

/** Ways to lose one character such that the file does not parse any more. */
const damages = sound
  .split('')
  .flatMap((character, at) => {
    if (!/[.'[\](){}+*,=>]/.test(character)) return []
    const text = sound.slice(0, at) + sound.slice(at + 1)
    return faultIn(text) === undefined ? [] : [text]
  })
  .filter((_, index) => index % 6 === 0)

function faultIn(text: string): Fault | undefined {
  try {
    new Script(text, { filename: '/project/a.js' })
    return undefined
  } catch (error) {
    const [fault] = classify({ stderr: error instanceof Error ? (error.stack ?? '') : '', exitCode: 1, command: 'node a.js' })
    return fault
  }
}

/** Has no idea, and asks for an attempt each time. */
const guesser: Repairer = {
  id: 'guesser',
  categories: ['syntax'],
  propose: ({ workspace }) => {
    const before = workspace.read('a.js') ?? ''
    const edit = { path: 'a.js', before, after: `${before};`, baseHash: null }
    return Promise.resolve({
      proposals: [{ title: 'Add a ";"', edits: [edit], actions: [], plausibility: 0.5, rationale: '' }],
      notes: [],
    })
  },
}

const answers = new Map<string | undefined, ReturnType<Repairer['propose']>>()
/** The real one; what it said of a text before it would say again, and takes long to find. */
const syntax: Repairer = {
  ...codeSyntaxRepairer,
  propose: (asked) => {
    const text = asked.workspace.read('a.js')
    const answer = answers.get(text) ?? codeSyntaxRepairer.propose(asked)
    answers.set(text, answer)
    return answer
  },
}

/** Attempts until the file is what it was, for each of `count` incidents drawn with repetition, some often and most seldom. */
async function live(count: number, learns: boolean): Promise<readonly number[]> {
  const world = createTestWorld(11)
  const knowledge = new Knowledge({ store: memoryKnowledgeStore(), world })
  const learnt = learntRepairer(knowledge)
  const attempts: number[] = []
  for (let incident = 0; incident < count; incident += 1) {
    const text = damages[Math.floor(world.random() ** 2 * damages.length)] ?? ''
    const fault = faultIn(text)
    if (fault === undefined) throw new RangeError('The file is sound')
    const workspace = memoryWorkspace({ 'a.js': text })
    const repairers = learns ? await strategyOrder(fault, [learnt, guesser, syntax], knowledge) : [guesser, syntax]
    let tries = 0
    const tryOut = async (repairer: Repairer, proposal: Proposal): Promise<boolean> => {
      tries += 1
      const worked = proposal.edits[0]?.after === sound
      const attempt = { fault, repairer: repairer.id, proposal, workspace, worked, costMs: 1_000, epochMs: world.clock.epochMs() }
      expect(await knowledge.record(learnt.experienceOf(attempt))).toBe(true)
      return worked
    }
    attempts.push(await heal(repairers, { ...request(workspace), fault }, tryOut, () => tries))
  }
  return attempts
}

async function heal(
  repairers: readonly Repairer[],
  asked: Parameters<Repairer['propose']>[0],
  tryOut: (repairer: Repairer, proposal: Proposal) => Promise<boolean>,
  tries: () => number,
): Promise<number> {
  for (const repairer of repairers)
    for (const proposal of (await repairer.propose(asked)).proposals) if (await tryOut(repairer, proposal)) return tries()
  return tries() + 1
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

describe('learning', () => {
  it('makes the same 200 incidents take fewer attempts, and the last ones fewest', async () => {
    const [with_, without] = [await live(200, true), await live(200, false)]
    const quarters = (values: readonly number[]): readonly (readonly number[])[] =>
      [0, 50, 100, 150].map((at) => values.slice(at, at + 50))
    const [first = [], , , last = []] = quarters(with_)
    const [, , , lastWithout = []] = quarters(without)
    if (process.env['SHOW_CURVE'] !== undefined)
      process.stdout.write(
        `${damages.length} damages; mean attempts by quarter, learning ${quarters(with_).map(mean).join(' ')}, not ${quarters(without).map(mean).join(' ')}; medians ${quarters(with_).map(median).join(' ')}, not ${quarters(without).map(median).join(' ')}\n`,
      )
    expect(median(last)).toBeLessThan(median(lastWithout))
    expect(mean(last)).toBeLessThan(mean(first))
    expect(mean(last)).toBeLessThan(0.7 * mean(lastWithout))
  })
})
