import { readdirSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { transform } from 'esbuild'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import * as everything from '../src/index.js'
import * as testing from '../src/testing/index.js'

const source = join(import.meta.dirname, '../src')

/** The examples of the doc comments: each `ts` block after `@example`, with the file it documents. */
const examples = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .flatMap((path) =>
    [...readFileSync(join(source, path), 'utf8').matchAll(/@example\n((?:[ \t]*\*(?!\/).*\n)+)/g)].flatMap(([, comment = '']) => {
      const text = comment.replace(/^[ \t]*\* ?/gm, '')
      return [...text.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = '']) => ({ path: path.split(sep).join('/'), code }))
    }),
  )

/** Runs code that may await, with these names in scope. */
type Runner = (...values: unknown[]) => Promise<void>
const AsyncFunction = Object.getPrototypeOf(async () => undefined).constructor as new (...parts: string[]) => Runner

describe('the examples of the doc comments', () => {
  it('are there', () => {
    expect(examples.length).toBeGreaterThan(5)
  })

  it.each(examples)('runs as it is printed in $path', async ({ path, code }) => {
    expect(code, 'an example without an expectation shows nothing').toContain('expect(')
    const own = (await import(join(source, path))) as Record<string, unknown>
    const scope: Record<string, unknown> = { ...everything, ...testing, ...own, expect, z }
    const { code: plain } = await transform(code.replace(/^import .*$/gm, ''), { loader: 'ts', target: 'es2023' })
    await new AsyncFunction(...Object.keys(scope), plain)(...Object.values(scope))
  })
})
