import { stripVTControlCharacters } from 'node:util'

/** How many tests a run tells of. Skipped ones did not run. */
export interface TestCount {
  readonly passed: number
  readonly failed: number
}

/** How runners sum up: by what passed, or by all that ran; what failed may stand there, on a line of its own, or nowhere. */
const summaries: readonly { readonly passed?: RegExp; readonly ran?: RegExp; readonly failed: RegExp }[] = [
  // node:test and TAP
  { passed: /^(?:ℹ|#) pass +(\d+)$/gm, failed: /^(?:ℹ|#) fail +(\d+)$/gm },
  // Vitest: "Tests  1 failed | 375 passed (376)"; Jest: "Tests:  1 failed, 237 passed, 238 total"
  { passed: /^ *Tests:? .*?\b(\d+) passed\b/gm, failed: /^ *Tests:? .*?\b(\d+) failed\b/gm },
  // Mocha
  { passed: /^ *(\d+) passing\b/gm, failed: /^ *(\d+) failing$/gm },
  // AVA
  { passed: /^ *(\d+) tests? passed$/gm, failed: /^ *(\d+) tests? failed$/gm },
  // Jasmine: "12 specs, 1 failure"
  { ran: /^(\d+) specs?, \d+ failures?\b/gm, failed: /^\d+ specs?, (\d+) failures?\b/gm },
  // uvu tells all, and what passed of them
  { passed: /^ *Passed: +(\d+)$/gm, failed: /^ *Failed: +(\d+)$/gm },
]

/** The tests that the output of a run counts, over all runners that it shows; `undefined` when none sums up. */
export function testCount(output: string): TestCount | undefined {
  const text = stripVTControlCharacters(output)
  const sum = (pattern: RegExp | undefined): number =>
    pattern === undefined ? 0 : [...text.matchAll(pattern)].reduce((total, [, digits]) => total + Number(digits), 0)
  for (const { passed, ran, failed } of summaries) {
    const lost = sum(failed)
    const count = { passed: ran === undefined ? sum(passed) : Math.max(0, sum(ran) - lost), failed: lost }
    if (count.passed + count.failed > 0) return count
  }
  return undefined
}
