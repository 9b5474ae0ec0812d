import { readFileSync } from 'node:fs'
import type { Fault } from '../../src/core/fault.js'
import type { OutputReport } from '../../src/faults/output.js'

/** What a case must be classified as; `null`: nothing is wrong. */
export type Label = Pick<Fault, 'category' | 'code' | 'severity' | 'transient'> & Partial<Pick<Fault, 'location' | 'details'>>

export interface Case {
  readonly name: string
  readonly report: OutputReport
  readonly fault: Label | null
}

const folder = new URL('./fixtures/', import.meta.url)

/** Outputs of real tools, run on small broken projects; the paths were made neutral. */
export function recorded(name: 'captured' | 'other-versions'): readonly Case[] {
  // The files hold cases: they were written by the code that ran the tools.
  return JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8')) as Case[]
}

/** Outputs written after the documentation of tools that are not at hand: `=== name | command | exit code | label | details`. */
export function documented(): readonly Case[] {
  const text = readFileSync(new URL('documented.txt', folder), 'utf8')
  return text
    .split(/^=== /m)
    .slice(1)
    .map((part) => {
      const end = part.indexOf('\n')
      const [name = '', command = '-', exitCode = '-', label = 'none', more = '{}'] = part.slice(0, end).split(' | ')
      const known = { ...(command === '-' ? {} : { command }), ...(exitCode === '-' ? {} : { exitCode: Number(exitCode) }) }
      return { name, report: { output: part.slice(end + 1), ...known }, fault: labelOf(label, more) }
    })
}

function labelOf(label: string, more: string): Label | null {
  if (label === 'none') return null
  const [category = '', code = '', severity = '', transient = ''] = label.split(' ')
  // A misspelt label fails its test, which compares it with a real fault.
  return { category, code, severity, transient: transient === 'transient', ...(JSON.parse(more) as object) } as Label
}

/** Every case there is. */
export function everyCase(): readonly Case[] {
  return [...recorded('captured'), ...recorded('other-versions'), ...documented()]
}
