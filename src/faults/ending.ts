import type { Output } from './output.js'

/** How far from the end a runner's summary may stand. */
const tailLines = 40

const passed: readonly RegExp[] = [
  /^(?:Tests?:?|Test Files|Test Suites:)\s{1,4}\d{1,7} passed(?!.*\bfailed)/,
  /^\d{1,7} passing\b/,
  /^[#ℹ] fail 0$/u,
  /^=+ .{0,60}\b\d{1,7} passed(?!.*\bfailed).*=+$/,
  /^\d{1,7} (?:specs?|tests?|examples?|scenarios?), 0 fail/,
  /^test result: ok\./,
  /^ok\s{1,4}\S+\s{1,4}[\d.]+s$/,
  /^(?:Failed|Failures|failing|failed):? ?0\b|^0 fail(?:ing|ed|ures?)\b/i,
  /^Found 0 errors/,
  /^(?:[✓✔√] )?(?:built|compiled|build completed|done) (?:successfully|in \d)/iu,
  /^added \d{1,7} packages/,
  /^BUILD SUCCESS/,
  /^(?:exit|exited with)(?: code| status)? 0$/,
]
const failed =
  /\b[1-9]\d{0,6} (?:failed|failing|failures?|errors?)\b|^[#ℹ] fail [1-9]|npm (?:error|ERR!)|^FAIL\b|ELIFECYCLE|^Node\.js v\d|error TS\d|^not ok\b|[Ee]xit(?:ed with)? code [1-9]/u

/** Whether the command ended well: its exit code says so, or, where that is not known, its last words do. */
export function endedWell(output: Output): boolean {
  if (output.exitCode !== undefined) return output.exitCode === 0
  const tail = output.lines.slice(-tailLines)
  return tail.some((line) => passed.some((pattern) => pattern.test(line))) && !output.lines.some((line) => failed.test(line))
}
