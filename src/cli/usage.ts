import { parseArgs, type ParseArgsOptionsConfig } from 'node:util'
import { HomeostatError } from '../index.js'

/** Exit codes of every command; `audit` has two more of its own. */
export const exitCodes = { ok: 0, notOk: 1, usage: 2, review: 3, block: 4, interrupted: 130 } as const

export const help = `homeostat: guard calls, score answers, heal faults

  homeostat heal [--cwd DIR] [--autonomy observe|propose|apply]
                 [--installs never|declared|any] [--json] -- COMMAND…
      Run COMMAND, and heal what makes it fail.
  homeostat classify [--exit-code N] [--command TEXT] [--json] [FILE or -]
      Turn raw output into faults.
  homeostat audit [--cwd DIR] [--json | --sarif] [PATCH or -]
      Audit a unified diff. Exit code 0 allow, 3 review, 4 block.
  homeostat apply [--cwd DIR] [--reason TEXT] [--accept RULE…] [--json] [PATCH or -] [-- COMMAND…]
      Audit, validate and apply a unified diff as one transaction.
  homeostat rollback [ID] [--cwd DIR] [--force] [--json]
      Take back a transaction, the newest by default, to the exact bytes.
  homeostat journal [list | show [ID] | recover] [--cwd DIR] [--json]
      What was applied; how one came about; finish what a killed process left half-done.
  homeostat patterns search [WORD…] | predict [FILE or -] | analyze | metrics
  homeostat patterns store [FILE or -] | import [FILE or -] | export | prune
                 [--cwd DIR] [--store FILE] [--json]
      What attempts at healing taught; feed, move and tidy it.
  homeostat policy check [FILE] [--cwd DIR] [--json]
      Validate a policy and print it with its defaults.
  homeostat doctor [--cwd DIR] [--json]
      What works on this machine.

Exit codes: 0 the command passes or the work is done, 1 it does not, 2 wrong use.
Colours go to a terminal only; NO_COLOR switches them off. --json prints one JSON
document on standard output, people's text goes to standard error.
`

export interface Arguments {
  readonly values: Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>
  readonly positionals: readonly string[]
  /** What stands after `--`. */
  readonly command: readonly string[]
}

/**
 * Reads the arguments of one command.
 *
 * @throws HS_INPUT_INVALID for an unknown option or too many words.
 */
export function readArguments(argv: readonly string[], options: ParseArgsOptionsConfig, positionalsMax: number): Arguments {
  const end = argv.indexOf('--')
  const own = end === -1 ? argv : argv.slice(0, end)
  try {
    const { values, positionals } = parseArgs({ args: [...own], options, allowPositionals: true, strict: true })
    const extra = positionals[positionalsMax]
    if (extra !== undefined) throw new RangeError(`"${extra}" is one word too many`)
    return { values, positionals, command: end === -1 ? [] : argv.slice(end + 1) }
  } catch (error) {
    throw new HomeostatError(
      'HS_INPUT_INVALID',
      { what: 'the arguments', reason: `${error instanceof Error ? error.message : String(error)}; see "homeostat --help"` },
      { cause: error },
    )
  }
}

/** The value of an option that takes a text. */
export function textOf({ values }: Arguments, name: string): string | undefined {
  const value = values[name]
  return typeof value === 'string' ? value : undefined
}

/** The value of an option that takes one of a few words. */
export function choiceOf<T extends string>(given: Arguments, name: string, choices: readonly T[]): T | undefined {
  const value = textOf(given, name)
  const found = choices.find((choice) => choice === value)
  if (value !== undefined && found === undefined) {
    throw new HomeostatError('HS_INPUT_INVALID', { what: `--${name} ${value}`, reason: `it must be ${choices.join(', ')}` })
  }
  return found
}
