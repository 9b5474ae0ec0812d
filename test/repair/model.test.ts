import { describe, expect, it } from 'vitest'
import { faultCategories, type Fault } from '../../src/core/fault.js'
import { sha256 } from '../../src/core/hash.js'
import type { RepairRequest } from '../../src/core/repairer.js'
import { modelRepairer, type Ask } from '../../src/repair/model/model.js'
import { redactedMark } from '../../src/repair/model/redact.js'
import { memoryWorkspace } from '../../src/testing/memory-workspace.js'

const source = 'export function total() {\n  return reslt\n}\n'
const config = "export const password = 'correct horse'\nexport const port = 80\n"
const binary = 'PNG\ud800'
const fault: Fault = {
  category: 'runtime',
  severity: 'medium',
  code: 'REFERENCE_ERROR',
  transient: false,
  fingerprint: '0123456789abcdef',
  message: 'reslt is not defined',
  location: { file: 'src/total.js', line: 2 },
  details: {},
  evidence: [],
}
const request = (change: Partial<RepairRequest> = {}): RepairRequest => ({
  fault,
  workspace: memoryWorkspace({
    'src/total.js': source,
    'src/config.js': config,
    'src/icon.png': binary,
    'test/total.test.js': source,
    'package-lock.json': source,
    'node_modules/x/a.js': source,
  }),
  command: ['npm', 'test'],
  installs: 'never',
  proposalsMax: 5,
  signal: new AbortController().signal,
  ...change,
})
const block = (path: string, search = '  return reslt\n', replace = '  return result\n'): string =>
  `${path}\n<<<<<<< SEARCH\n${search}=======\n${replace}>>>>>>> REPLACE\n`
const limits = { promptBytesMax: 16 * 1024, replyBytesMax: 16 * 1024 }

/** A model that gives these replies one after the other, and what it was asked. */
function scripted(...replies: readonly unknown[]): { ask: Ask; prompts: string[] } {
  const prompts: string[] = []
  const ask: Ask = async (prompt) => {
    prompts.push(prompt)
    const reply = replies[Math.min(prompts.length, replies.length) - 1]
    if (reply instanceof Error) throw reply
    return reply as string // tests give what no type allows
  }
  return { ask, prompts }
}

describe('modelRepairer()', () => {
  it('is called "model" and takes every category', () => {
    const repairer = modelRepairer(scripted('').ask, limits)
    expect(repairer.id).toBe('model')
    expect(repairer.categories).toEqual(faultCategories)
  })

  it('proposes what the model replies', async () => {
    const { ask, prompts } = scripted(`It is misspelt.\n\n${block('src/total.js')}`)
    const { proposals, notes } = await modelRepairer(ask, { ...limits, linesChangedMax: 7 }).propose(request())
    expect(notes).toEqual([])
    expect(proposals).toEqual([
      {
        title: 'Change src/total.js as the model proposes',
        edits: [{ path: 'src/total.js', before: source, after: source.replace('reslt', 'result'), baseHash: sha256(source) }],
        actions: [],
        plausibility: 0.6,
        rationale: expect.stringContaining('language model'),
      },
    ])
    expect(prompts).toHaveLength(1)
    expect(prompts[0]).toContain('at most 7 lines')
    expect(prompts[0]).toContain(source)
  })

  it.each([
    ['REFUSE: the test is wrong', 'The model refused: the test is wrong'],
    ['NEED: src/b.js', 'The model asks for more: src/b.js'],
  ])('takes %j as an answer and does not ask again', async (reply, note) => {
    const { ask, prompts } = scripted(reply)
    expect(await modelRepairer(ask, limits).propose(request())).toEqual({ proposals: [], notes: [note] })
    expect(prompts).toHaveLength(1)
  })

  it.each([
    ['prose', 'Rename the variable.', 'no patch'],
    ['no text', 42, 'not text'],
    ['nothing', undefined, 'not text'],
    ['a lookup that fails', block('src/total.js', 'never\n'), 'nowhere'],
    ['too much', 'x'.repeat(20_000), 'longer than 16384 bytes'],
    [
      'a redacted secret',
      block('src/config.js', 'export const port = 80\n', `export const port = '${redactedMark}'\n`),
      redactedMark,
    ],
    [
      'a file with its secret covered',
      `\`\`\`js title=src/config.js\n${config.replace('correct horse', redactedMark)}\`\`\`\n`,
      redactedMark,
    ],
    ['a test', block('test/total.test.js'), 'is a test'],
    ['a test beside the source', `${block('src/total.js')}${block('test/total.test.js')}`, 'is a test'],
    ['a lockfile', block('package-lock.json'), 'package manager'],
    ['an installed package', block('node_modules/x/a.js'), 'installed package'],
    ['a file that is no text', '```js title=src/icon.png\nx\n```\n', 'no text file'],
    ['a folder', '```js title=src\nx\n```\n', 'no text file'],
    ['a path outside', block('../x.js'), 'Cannot touch'],
  ])('tells the model why %s is no answer, and asks once more', async (_, reply, reason) => {
    const { ask, prompts } = scripted(reply, block('src/total.js'))
    const { proposals } = await modelRepairer(ask, limits).propose(request())
    expect(proposals).toHaveLength(1)
    expect(prompts).toHaveLength(2)
    expect(prompts[1]).toContain('your last reply could not be used: ')
    expect(prompts[1]?.split('your last reply')[1]?.split('\n')[0]).toContain(reason)

    const stubborn = scripted(reply)
    expect(await modelRepairer(stubborn.ask, limits).propose(request())).toEqual({
      proposals: [],
      notes: [expect.stringContaining(`The model gave no patch that can be used: `)],
    })
    expect(stubborn.prompts).toHaveLength(2)
  })

  it('lets a test be repaired when the test itself does not parse, and a new one be written', async () => {
    const damaged = request({
      fault: { ...fault, category: 'syntax', location: { file: '/project/test/total.test.js', line: 1 } },
    })
    expect((await modelRepairer(scripted(block('test/total.test.js')).ask, limits).propose(damaged)).proposals).toHaveLength(1)
    expect(
      (await modelRepairer(scripted(block('test/new.test.js', '', 'x\n')).ask, limits).propose(request())).proposals,
    ).toHaveLength(1)
  })

  it('gives a whole file less credit', async () => {
    const { proposals } = await modelRepairer(
      scripted(`\`\`\`js title=src/total.js\n${source.replace('reslt', 'result')}\`\`\`\n`).ask,
      limits,
    ).propose(request())
    expect(proposals[0]?.plausibility).toBeLessThan(0.6)
  })

  it('survives a model that rejects, at first or later, and says so on one line', async () => {
    const failing = new Error('quota\n\u001b[31mexceeded')
    expect(await modelRepairer(scripted(failing).ask, limits).propose(request())).toEqual({
      proposals: [],
      notes: ['The model could not be asked: quota exceeded'],
    })
    expect(await modelRepairer(scripted('prose', failing).ask, limits).propose(request())).toEqual({
      proposals: [],
      notes: ['The model could not be asked: quota exceeded'],
    })
    const throwing: Ask = () => {
      throw failing
    }
    const odd: Ask = () => Promise.reject('down') // models' clients do such things
    expect((await modelRepairer(throwing, limits).propose(request())).notes).toEqual([
      'The model could not be asked: quota exceeded',
    ])
    expect((await modelRepairer(odd, limits).propose(request())).notes).toEqual(['The model could not be asked: down'])
  })

  it('survives a function that does not even give a promise', async () => {
    const plain = (() => block('src/total.js')) as unknown as Ask // a caller without types
    expect((await modelRepairer(plain, limits).propose(request())).proposals).toHaveLength(1)
  })

  it('stops waiting for a model that hangs as soon as the signal aborts, with its reason', async () => {
    const controller = new AbortController()
    const seen: AbortSignal[] = []
    const hanging: Ask = (_, { signal }) => {
      seen.push(signal)
      return new Promise(() => {})
    }
    const work = modelRepairer(hanging, limits).propose(request({ signal: controller.signal }))
    const reason = new Error('the session is over')
    controller.abort(reason)
    await expect(work).rejects.toBe(reason)
    expect(seen).toEqual([controller.signal])
  })

  it('rejects with the reason when the signal aborts before, or while the model fails', async () => {
    const reason = { not: 'an error' }
    const { ask, prompts } = scripted('x')
    await expect(modelRepairer(ask, limits).propose(request({ signal: AbortSignal.abort(reason) }))).rejects.toBe(reason)
    expect(prompts).toHaveLength(0)
    const controller = new AbortController()
    const aborting: Ask = async () => {
      controller.abort(reason)
      throw new Error('other')
    }
    await expect(modelRepairer(aborting, limits).propose(request({ signal: controller.signal }))).rejects.toBe(reason)
  })

  it('asks nothing when no proposal is wanted', async () => {
    const { ask, prompts } = scripted(block('src/total.js'))
    expect(await modelRepairer(ask, limits).propose(request({ proposalsMax: 0 }))).toEqual({ proposals: [], notes: [] })
    expect(prompts).toHaveLength(0)
  })

  it('refuses a prompt size in which nothing fits', () => {
    for (const promptBytesMax of [0, 4095, Number.NaN])
      expect(() => modelRepairer(scripted('').ask, { ...limits, promptBytesMax })).toThrow(RangeError)
  })

  it('keeps every prompt to its size', async () => {
    const { ask, prompts } = scripted(block('a/'.repeat(3_000)))
    await modelRepairer(ask, { ...limits, promptBytesMax: 4096 }).propose(
      request({ workspace: memoryWorkspace({ 'src/total.js': 'é\n'.repeat(9_000) }) }),
    )
    expect(prompts).toHaveLength(2)
    for (const prompt of prompts) expect(Buffer.byteLength(prompt)).toBeLessThanOrEqual(4096)
  })
})
