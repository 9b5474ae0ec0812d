import type { CommandResult } from '../../core/ports.js'
import type { AbsentCheck, ValidationCheck } from '../../core/validation.js'
import { checkOf } from './project-checks.js'
import { testCount } from './test-count.js'

/** What two runs of the command say beside their ends. */
export interface MeasuredChecks {
  readonly checks: readonly ValidationCheck[]
  readonly absent: readonly AbsentCheck[]
}

/** A run that takes so many times as long as the one before, and so much longer, is slower whatever else the machine did. */
const slowerFactor = 3
const slowerMs = 2_000

/**
 * Compares the failing run with the passing one: whether tests that passed still run, and whether the same tests take much longer.
 * An end with exit code 0 does not tell a test that passes from one that is not run any more.
 *
 * @param before - The command on the project as it was; absent where nobody ran it there.
 */
export function measuredChecks(
  command: readonly string[],
  { before, after }: { readonly before: CommandResult | undefined; readonly after: CommandResult },
): MeasuredChecks {
  const [was, is] = [before && testCount(before.output), testCount(after.output)]
  if (before === undefined || was === undefined || is === undefined) {
    const reason =
      before === undefined
        ? 'the command was not run on the project as it was'
        : `the output ${was === undefined ? 'of the failing run' : 'with the patch'} does not say how many tests ran`
    return { checks: [], absent: ['tests', 'speed'].map((name) => ({ name, reason })) }
  }
  const tests: ValidationCheck = {
    ...checkOf('tests', command, after),
    passed: is.passed >= was.passed,
    detail: `${is.passed} tests pass, ${was.passed} passed before`,
  }
  if (is.passed + is.failed !== was.passed + was.failed)
    return { checks: [tests], absent: [{ name: 'speed', reason: 'other tests ran than before the repair' }] }
  const speed: ValidationCheck = {
    ...checkOf('speed', command, after),
    passed: after.durationMs <= before.durationMs * slowerFactor + slowerMs,
    detail: `the tests take ${seconds(after)}, and took ${seconds(before)} before`,
  }
  return { checks: [tests, speed], absent: [] }
}

/** How many more tests pass than before; `undefined` where one fails, or nobody counted. */
export function testsGainedBetween(before: CommandResult, after: CommandResult): number | undefined {
  const [was, is] = [testCount(before.output), testCount(after.output)]
  return was === undefined || is === undefined || is.failed > 0 ? undefined : Math.max(0, is.passed - was.passed)
}

function seconds({ durationMs }: CommandResult): string {
  return `${(durationMs / 1_000).toFixed(1)} s`
}
