import { HomeostatError } from '../core/errors.js'
import type { Fault } from '../core/fault.js'
import { ruleOfPattern, type FaultPattern } from './fault-pattern.js'
import { readOutput, type OutputReport } from './output.js'
import type { Rule } from './rule.js'
import { createRuleBook, tellFaults, type RuleBook } from './tell-faults.js'

export type { OutputReport } from './output.js'

/** More patterns than this would make every output slow to read. */
const patternsMax = 200

/** Classifies outputs by the built-in rules and by patterns of its own, which come first. */
export interface Classifier {
  /** See {@link classify}. */
  classify(report: OutputReport): Fault[]
  /** See {@link registerFaultPattern}. */
  register(pattern: FaultPattern): () => void
}

/**
 * A classifier with patterns of its own; it shares none with others.
 *
 * @throws HomeostatError `HS_FAULT_PATTERN_INVALID` as {@link registerFaultPattern} does.
 */
export function createClassifier({ patterns = [] }: { readonly patterns?: readonly FaultPattern[] } = {}): Classifier {
  const own = new Map<string, Rule>()
  let book: RuleBook | undefined // Made when it is first needed, and anew after a change.
  const register = (pattern: FaultPattern): (() => void) => {
    const rule = ruleOfPattern(pattern)
    const { name } = pattern
    const taken = own.has(name) ? 'another pattern has that name' : undefined
    const reason = own.size >= patternsMax ? `there are ${patternsMax} patterns already` : taken
    if (reason !== undefined) throw new HomeostatError('HS_FAULT_PATTERN_INVALID', { name, reason })
    own.set(name, rule)
    book = undefined
    return () => {
      // Whoever registered the name again since then keeps it.
      if (own.get(name) !== rule) return
      own.delete(name)
      book = undefined
    }
  }
  for (const pattern of patterns) register(pattern)
  return {
    classify: (report) => tellFaults(readOutput(report), (book ??= createRuleBook([...own.values()]))),
    register,
  }
}

const shared = createClassifier()

/**
 * Reads what a command printed and tells which faults it shows: root faults first, then what follows from them, each once,
 * at most 50. Empty when nothing is wrong; never empty when the exit code is not 0. Every text in a fault is printable and
 * bounded, and none of it is to be trusted.
 *
 * @example
 * ```ts
 * const [fault] = classify({ stderr: "Error: Cannot find module 'left-pad'\nRequire stack:\n- /app/index.js", exitCode: 1 })
 * expect(fault).toMatchObject({ category: 'dependency', code: 'MODULE_NOT_FOUND', details: { specifier: 'left-pad' } })
 * ```
 */
export function classify(report: OutputReport): Fault[] {
  return shared.classify(report)
}

/**
 * Teaches {@link classify}, and with it every healer of this process, what another tool says. For patterns of one place only,
 * use {@link createClassifier}.
 *
 * @returns Takes the pattern back; calling it again does nothing.
 * @throws HomeostatError `HS_FAULT_PATTERN_INVALID` when a field is wrong, the name is taken, 200 patterns are there, or the
 * expression may need more than bounded time: see `docs/faults.md`.
 * @example
 * ```ts
 * const forget = registerFaultPattern({
 *   name: 'acme-migrate',
 *   pattern: /^acme: migration (?<name>\S+) failed: (?<message>.+)$/,
 *   category: 'deployment',
 *   code: 'MIGRATION_FAILED',
 * })
 * expect(classify({ output: 'acme: migration 0007 failed: column exists', exitCode: 1 })[0]?.code).toBe('MIGRATION_FAILED')
 * forget()
 * ```
 */
export function registerFaultPattern(pattern: FaultPattern): () => void {
  return shared.register(pattern)
}
