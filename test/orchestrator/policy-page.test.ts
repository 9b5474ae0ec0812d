import { expect, it } from 'vitest'
import { policyFields, policySections } from '../../src/orchestrator/policy-paths.js'
import { policyPage } from './policy-page.js'

it('docs/policy.md says what the schema says', async () => {
  await expect(policyPage()).toMatchFileSnapshot('../../docs/policy.md')
})

it('policyPage() has a row for each field and a heading for each section', () => {
  const page = policyPage()
  expect(page.split('\n').filter((line) => line.startsWith('| `')).length).toBe(policyFields.size)
  for (const path of policySections.keys()) if (path !== '') expect(page).toContain(`\n## \`${path}\`\n`)
})
