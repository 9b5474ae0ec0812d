import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { transform } from 'esbuild'
import { describe, expect, it } from 'vitest'
import * as scoring from '../../src/scoring/index.js'

const page = readFileSync(join(import.meta.dirname, '../../docs/confidence.md'), 'utf8')
const examples = [...page.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = '']) => code)

/** Runs code with these names in scope. */
const AsyncFunction = Object.getPrototypeOf(async () => undefined).constructor as new (
  ...parts: string[]
) => (...values: unknown[]) => Promise<void>

describe('docs/confidence.md', () => {
  it('has examples, and names only what the door exports', () => {
    expect(examples.length).toBeGreaterThan(3)
    for (const name of [
      'patchSignals',
      'validationSignals',
      'auditSignals',
      'reliabilitySvg',
      'reliabilityText',
      'confidenceMode',
    ])
      expect(Object.keys(scoring)).toContain(name)
  })

  it.each(examples)('runs as it is printed: %s', async (code) => {
    expect(code).toContain('expect(')
    const { code: plain } = await transform(code, { loader: 'ts', target: 'es2023' })
    await new AsyncFunction(...Object.keys(scoring), 'expect', plain)(...Object.values(scoring), expect)
  })
})
