import { presetDefault, presetNames } from '../../src/orchestrator/policy/policy-field.js'
import { variableOf } from '../../src/orchestrator/policy/policy-environment.js'
import { policyFields, policySections, type PolicyField, type PolicySection } from '../../src/orchestrator/policy/policy-paths.js'
import { describeRange } from '../../src/orchestrator/policy/policy-problems.js'
import { orderings } from '../../src/orchestrator/policy/policy-schema.js'

/** The text of `docs/policy.md`: an introduction, and one table for each section of the schema. */
export function policyPage(): string {
  return [
    introduction,
    ...[...policySections.values()].map(sectionText),
    '## What must not exceed what',
    orderings.map(([lower, upper]) => `- \`${lower}\` ≤ \`${upper}\``).join('\n'),
    '',
  ].join('\n\n')
}

const introduction = `# Policy

<!-- Made from the schema by test/orchestrator/policy-page.ts. To renew it: UPDATE_DOCS=1 npm test -->

A policy is what a person decides: data, checked once, then frozen. Everything has a default, so an empty policy is a good one.

Four sources set it; the later wins:

1. the defaults of the preset: ${presetNames.map((preset) => `\`${preset}\``).join(', ')} (without one: \`${presetDefault}\`);
2. one configuration file: \`homeostat.config.ts\` (or \`.mts\`, \`.js\`, \`.mjs\`, \`.cjs\`, \`.json\`), or \`homeostat\` in package.json, in the folder where homeostat works or above it, up to the root of the package;
3. the environment: \`guard.retry.attemptsMax\` is \`${variableOf('guard.retry.attemptsMax')}\`; flags are \`true\`, \`false\`, \`1\` or \`0\`, lists have commas between the items;
4. at run time, \`updatePolicy({ … })\`: checked whole before it takes effect, for calls that start afterwards.

\`\`\`ts
import { definePolicy } from 'homeostat'

export default definePolicy({
  preset: 'sota',
  guard: { retry: { attemptsMax: 5 } },
})
\`\`\`

A configuration file in a script is run, with everything it imports. A field that is unknown, of the wrong kind or out of range is
refused with its path, the value, what is allowed and the nearest known name. Changing the preset changes the fields that nobody
set, and no others. Where a default has three values, they are for ${presetNames.map((preset) => `\`${preset}\``).join(' / ')}.`

function sectionText({ path, description }: PolicySection): string {
  const fields = [...policyFields.values()].filter((field) => field.section === path)
  const heading = path === '' ? '## At the top' : `## \`${path}\`${description === '' ? '' : `\n\n${description}`}`
  if (fields.length === 0) return heading
  const rows = fields.map(
    (field) => `| \`${field.name}\` | ${defaultText(field)} | ${rangeText(field)} | ${field.note.description} |`,
  )
  return [heading, ['| field | default | allowed | what it decides |', '|---|---|---|---|', ...rows].join('\n')].join('\n\n')
}

function defaultText({ note: { defaults } }: PolicyField): string {
  const texts = presetNames.map((preset) => text(defaults[preset]))
  return new Set(texts).size === 1 ? (texts[0] ?? '') : texts.join(' / ')
}

function rangeText({ path, note: { range } }: PolicyField): string {
  return range.kind === 'choice' ? range.options.map((option) => `\`${option}\``).join(', ') : describeRange(path, range)
}

function text(value: unknown): string {
  return Array.isArray(value) ? value.map((item) => `\`${String(item)}\``).join(', ') : `\`${String(value)}\``
}
