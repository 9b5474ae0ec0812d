import { describe, expect, it } from 'vitest'
import { ask, best, manifest } from './ask.js'

const refusal = (required: string) =>
  `npm error code EBADENGINE\nnpm error engine Unsupported engine\nnpm error notsup Required: {"node":"${required}"}\nnpm error notsup Actual:   {"npm":"11.0.0","node":"v24.1.0"}`
const locked = (node: string) => JSON.stringify({ lockfileVersion: 3, packages: { '': { engines: { node } } } })
const project = (asked: string, remembered: string) => ({
  'package.json': manifest({ engines: { node: asked } }),
  'package-lock.json': locked(remembered),
})

describe('configurationRepairer on "engines"', () => {
  it.each(['>=99', '99.x', '^240.0.0', '^12.0.0', '<20', '10 || 12'])('takes back %s, which nobody means', async (asked) => {
    expect(await best(project(asked, '>=18'), refusal(asked))).toEqual({
      'package.json': manifest({ engines: { node: '>=18' } }),
    })
  })

  it.each([
    ['>=26', '>=18'],
    ['>=24.2.0', '>=18'],
    ['^28.0.0', '>=18'],
    ['>=99', '>=98'],
    ['>=99', '^22.0.0'],
    ['lts/*', '>=18'],
  ])('leaves %s where the lockfile has %s', async (asked, remembered) => {
    const { proposals, notes } = await ask(project(asked, remembered), refusal(asked))
    expect(proposals).toEqual([])
    expect(notes.join()).toContain('the requirement is not changed')
  })

  it('leaves a requirement that no lockfile remembers otherwise', async () => {
    expect((await ask({ 'package.json': manifest({ engines: { node: '>=99' } }) }, refusal('>=99'))).proposals).toEqual([])
  })
})
