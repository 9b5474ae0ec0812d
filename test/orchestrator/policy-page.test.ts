import { readFileSync, writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { policyFields, policySections } from '../../src/orchestrator/policy/policy-paths.js'
import { policyPage } from './policy-page.js'

const path = new URL('../../docs/policy.md', import.meta.url)

it('docs/policy.md says what the schema says', () => {
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(path, policyPage())
  expect(readFileSync(path, 'utf8'), 'docs/policy.md is out of date: UPDATE_DOCS=1').toBe(policyPage())
})

it('policyPage() has a row for each field and a heading for each section', () => {
  const page = policyPage()
  expect(page.split('\n').filter((line) => line.startsWith('| `')).length).toBe(policyFields.size)
  for (const path of policySections.keys()) if (path !== '') expect(page).toContain(`\n## \`${path}\`\n`)
})
