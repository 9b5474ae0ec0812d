import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { catalogue } from '../../src/core/error-catalogue.js'
import { HomeostatError, isHomeostatError } from '../../src/core/errors.js'

describe('HomeostatError', () => {
  it('builds its message from its details, and keeps code, cause and whether to retry', () => {
    const cause = new Error('slow')
    const error = new HomeostatError('HS_DEADLINE', { key: 'openai', timeoutMs: 50 }, { cause })
    expect(error.message).toBe('Cannot wait for "openai": it took longer than 50 ms')
    expect(error).toMatchObject({
      name: 'HomeostatError',
      code: 'HS_DEADLINE',
      retryable: true,
      details: { key: 'openai', timeoutMs: 50 },
      cause,
    })
  })

  it('is recognised by code, also from another copy of the package', () => {
    const error = new HomeostatError('HS_CLOSED', { what: 'the healer' })
    const foreign = Object.assign(new Error('x'), { code: 'HS_CLOSED', [Symbol.for('homeostat.error')]: true })
    expect(isHomeostatError(error)).toBe(true)
    expect(isHomeostatError(foreign, 'HS_CLOSED')).toBe(true)
    expect(isHomeostatError(foreign, 'HS_DEADLINE')).toBe(false)
    for (const other of [new Error('x'), { code: 'HS_CLOSED' }, null, undefined, 'HS_CLOSED'])
      expect(isHomeostatError(other)).toBe(false)
  })
})

describe('the error catalogue', () => {
  const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8')
  const sections = new Map(
    [...page.matchAll(/^## (HS_[A-Z_]+)\n+([\s\S]*?)(?=^## |$(?![\s\S]))/gm)].map(([, code, text]) => [code, text]),
  )

  it('has a section in docs/errors.md for each code, and no section for anything else', () => {
    expect(new Set(sections.keys())).toEqual(new Set(Object.keys(catalogue)))
  })

  it.each(Object.entries(catalogue))('says the truth about %s', (code, { retryable }) => {
    const text = sections.get(code) ?? ''
    expect(text).toContain(retryable ? 'Retryable: yes' : 'Retryable: no')
    expect(text).toMatch(/What to do:/)
  })

  it('begins every message with what could not be done, and ends none with a full stop', () => {
    for (const row of Object.values(catalogue)) {
      // Any details will do for the shape of the sentence.
      const say = row.say as (details: Record<string, unknown>) => string
      const message = say(new Proxy({}, { get: (_, name) => (name === Symbol.toPrimitive ? undefined : 1) }))
      expect(message).toMatch(/^Cannot .*[^.]$/)
    }
  })
})
