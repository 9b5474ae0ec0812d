import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import * as z from 'zod'

const text = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

const exceptions = z
  .array(
    z.strictObject({
      file: z.string(),
      test: z.string(),
      assertion: z.string(),
      defect: z.int().min(1).max(15),
      why: z.string(),
    }),
  )
  .parse(JSON.parse(text('scripts/opossum-exceptions.json')))

it('docs/opossum.md names every assertion of opossum that ours fails on purpose, and no other', () => {
  const [, table = ''] = text('docs/opossum.md').split('| defect | file | test | assertion | why |\n|---|---|---|---|---|\n')
  expect(table.trim().split('\n')).toEqual(
    exceptions.map(({ defect, file, test, assertion, why }) => `| ${defect} | \`${file}\` | ${test} | ${assertion} | ${why} |`),
  )
})

it('every defect in docs/opossum.md is a test', () => {
  const numbers = text('docs/opossum.md').match(/^\| (\d+) \| (?!`)/gm) ?? []
  expect(numbers).toHaveLength(15)
  const tests = text('test/breaker/opossum-defects.test.ts')
  for (let defect = 1; defect <= 15; defect += 1) expect(tests, `defect ${defect}`).toContain(`it('${defect}: `)
})
