import { compareLines, linesOf } from './read-patch.js'
import type { Rule, Sample, Tier } from './rule.js'

/** The page of a rule in `docs/rules/`, as Markdown. */
export function rulePage(rule: Rule): string {
  return (
    [
      `# ${rule.id}`,
      `${rule.title}.`,
      `- **Verdict**: ${verdicts[rule.tier]}\n- **Stage**: ${stages[rule.stage]}\n- **Weakness**: [CWE-${rule.cwe}](https://cwe.mitre.org/data/definitions/${rule.cwe}.html)${extras(rule)}`,
      rule.rationale,
      '## Found',
      sampleBlock(rule.example),
      '## Not found',
      sampleBlock(rule.nearMiss),
    ].join('\n\n') + '\n'
  )
}

/** The table of all rules, `docs/rules/README.md`. */
export function ruleIndex(rules: readonly Rule[]): string {
  const rows = rules.map((rule) => `| [${rule.id}](${rule.id}.md) | ${rule.title} | ${rule.tier} | ${rule.cwe} |`)
  return (
    [
      '# Security rules',
      'Every patch is audited by these rules before anything is applied. `block`: never applied, however confident. `high`: a person looks. `medium`: counts only beside another finding of medium weight in the same file.',
      ['| rule | what it sees | tier | CWE |', '| --- | --- | --- | --- |', ...rows].join('\n'),
      'These pages are made from the rules themselves; `UPDATE_DOCS=1 npx vitest run test/security/rule-page.test.ts` writes them.',
    ].join('\n\n') + '\n'
  )
}

const verdicts: Readonly<Record<Tier, string>> = {
  block: 'block: the patch is never applied',
  high: 'review: a person must look',
  medium: 'allow alone; review beside another finding of this weight in the same file',
}

const stages: Readonly<Record<Rule['stage'], string>> = {
  static: 'static',
  dynamic: 'dynamic',
  threatIntelligence: 'threat intelligence',
  compliance: 'compliance',
}

function extras(rule: Rule): string {
  const capability = rule.capability === undefined ? '' : `\n- **Capability**: ${rule.capability}`
  return rule.indicator === true
    ? `${capability}\n- **Indicator**: beside a new capability of the same file it blocks`
    : capability
}

const linesMax = 14

function sampleBlock(sample: Sample): string {
  const lines = 'diff' in sample ? sample.diff.trimEnd().split('\n') : changeLines(sample)
  const shown = lines.length > linesMax ? [...lines.slice(0, linesMax), `… ${lines.length - linesMax} more lines`] : lines
  const block = ['```diff', ...shown.map(visible), '```'].join('\n')
  return sample.given === undefined
    ? block
    : `${block}\n\nWhen this is known:\n\n\`\`\`json\n${JSON.stringify(sample.given, null, 2)}\n\`\`\``
}

function changeLines({ path, before, after }: Extract<Sample, { readonly path: string }>): readonly string[] {
  const old = before === null ? [] : linesOf(before)
  const next = after === null ? [] : linesOf(after)
  const changed = compareLines(old, next)
  const shown: string[] = [
    `--- ${before === null ? '/dev/null' : `a/${path}`}`,
    `+++ ${after === null ? '/dev/null' : `b/${path}`}`,
  ]
  let at = 0
  for (const [index, line] of old.entries()) {
    if (changed.before.has(index)) shown.push(`-${line}`)
    else {
      for (; at < next.length && changed.after.has(at); at += 1) shown.push(`+${next[at] ?? ''}`)
      shown.push(` ${line}`)
      at += 1
    }
  }
  for (; at < next.length; at += 1) shown.push(`+${next[at] ?? ''}`)
  return shown
}

/** A page must not do what it warns of. */
function visible(line: string): string {
  return line.replace(
    /[\p{Cf}\u2028\u2029]/gu,
    (character) => `<U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase()}>`,
  )
}
