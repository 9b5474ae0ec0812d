import type { FaultCategory } from '../core/fault.js'
import type { Output } from './output.js'
import type { Draft } from './rule.js'
import { toolOf } from './tool.js'

/** What an exit code says by itself: https://tldp.org/LDP/abs/html/exitcodes.html; above 128 it is a signal. */
const exits: Readonly<Record<number, Partial<Draft>>> = {
  124: { category: 'runtime', code: 'TIMED_OUT', message: 'the command was stopped at its time limit' },
  126: { category: 'permission', code: 'EACCES', message: 'the command cannot be executed' },
  127: { category: 'dependency', code: 'COMMAND_NOT_FOUND', message: 'the command was not found' },
  130: { category: 'runtime', severity: 'info', code: 'INTERRUPTED', message: 'the command was interrupted (SIGINT)' },
  134: {
    category: 'runtime',
    severity: 'critical',
    rank: 'environment',
    code: 'CRASHED',
    message: 'the process aborted (SIGABRT)',
  },
  137: {
    category: 'runtime',
    severity: 'critical',
    rank: 'environment',
    code: 'KILLED',
    message: 'the process was killed (SIGKILL), most often for want of memory',
  },
  139: {
    category: 'runtime',
    severity: 'critical',
    rank: 'environment',
    code: 'CRASHED',
    message: 'the process crashed (SIGSEGV)',
  },
  143: { category: 'runtime', severity: 'low', code: 'TERMINATED', message: 'the process was terminated (SIGTERM)' },
}

const byTool: Readonly<Record<string, FaultCategory>> = {
  tsc: 'build',
  esbuild: 'build',
  vite: 'build',
  rollup: 'build',
  rolldown: 'build',
  webpack: 'build',
  parcel: 'build',
  babel: 'build',
  swc: 'build',
  tsup: 'build',
  eslint: 'build',
  prettier: 'build',
  biome: 'build',
  oxlint: 'build',
  stylelint: 'build',
  cargo: 'build',
  rustc: 'build',
  go: 'build',
  make: 'build',
  gcc: 'build',
  gradle: 'build',
  mvn: 'build',
  next: 'build',
  vitest: 'test',
  jest: 'test',
  mocha: 'test',
  ava: 'test',
  tap: 'test',
  playwright: 'test',
  cypress: 'test',
  jasmine: 'test',
  pytest: 'test',
  pip: 'dependency',
  docker: 'deployment',
  kubectl: 'deployment',
  helm: 'deployment',
  terraform: 'deployment',
  serverless: 'deployment',
  vercel: 'deployment',
  netlify: 'deployment',
  heroku: 'deployment',
  fly: 'deployment',
  aws: 'deployment',
  gcloud: 'deployment',
  az: 'deployment',
  wrangler: 'deployment',
  firebase: 'deployment',
  pulumi: 'deployment',
  ansible: 'deployment',
  poetry: 'dependency',
  uv: 'dependency',
  pipenv: 'dependency',
  curl: 'network',
  ssh: 'network',
}
const linters = new Set(['eslint', 'prettier', 'biome', 'oxlint', 'stylelint'])

const byWord: readonly (readonly [FaultCategory, RegExp])[] = [
  ['deployment', /\b(?:deploy|rollout|release|publish|docker (?:build|push)|kubectl|helm|terraform)/i],
  ['test', /\b(?:test|spec|e2e|coverage)\b/i],
  ['dependency', /\b(?:npm|pnpm|yarn|bun|pip|cargo|go) (?:ci|install|i|add|update|get|fetch)\b/],
  ['build', /\b(?:build|compile|bundle|lint|format|typecheck|tsc|make)\b/i],
]

/** What sentences about failures are about, and how surely; of equal ones the first wins. */
const subjects: readonly (readonly [FaultCategory, number, RegExp])[] = [
  [
    'permission',
    4,
    /permission|denied|forbidden|unauthori[sz]ed|not allowed|credential|privilege|access token|requires \w+ access|not logged in/i,
  ],
  [
    'syntax',
    5,
    /syntax|parse error|pars(?:e|ed|ing)\b|unexpected (?:token|end|character|symbol)|unterminated|unclosed|malformed|did not find expected/i,
  ],
  [
    'dependency',
    5,
    /shared librar|shared object|installation candidates?|known hashes|match the hashes|checksum mismatch|bare specifier|version solving|unmet|lock ?file/i,
  ],
  [
    'configuration',
    4,
    /missing or invalid|unknown (?:option|flag|field|property|key|setting)|not configured|must be (?:set|specified)|should not have|unsupported (?:version|value)|version .{0,40}(?:required|not supported)|is not a valid\b/i,
  ],
  ['network', 3, /\bconnect(?:ion|ing)?\b|network|time(?:d )?out|unreachable|\bhost(?:name)?\b|socket|\bDNS\b|proxy|gateway/i],
  ['test', 3, /\b(?:selector|locator|snapshot|assert\w*)\b/i],
  ['dependency', 3, /\bmodules?\b|\bpackages?\b|dependenc|not installed|\bimport\b|\bplugin\b|registry/i],
  ['configuration', 3, /config|\boptions?\b|setting|environment|\bflag\b|argument|parameter|usage:/i],
  ['deployment', 3, /deploy|rollout|release|container|\bimage\b|cluster|publish|\bmachine\b|\bpods?\b|stack \S+ failed/i],
  ['test', 2, /\btests?\b|\bspecs?\b|\bexpected\b|coverage/i],
  ['build', 2, /compil|\bbuild|bundl|transpil|\btypes?\b|\blint|\blink/i],
  ['runtime', 2, /exception|uncaught|could not execute|no such file|aborted/i],
]

/** The category that a sentence, and what is known of the tool and its command, speak for. */
function subjectOf(
  words: string | undefined,
  tool: FaultCategory | undefined,
  command: FaultCategory | undefined,
): FaultCategory {
  const votes = new Map<FaultCategory, number>()
  const vote = (category: FaultCategory | undefined, weight: number): void => {
    if (category !== undefined) votes.set(category, (votes.get(category) ?? 0) + weight)
  }
  if (words !== undefined && failureWords.test(words))
    for (const [category, weight, pattern] of subjects) if (pattern.test(words)) vote(category, weight)
  vote(tool, tool === 'deployment' ? 2 : 1.5)
  vote(command, 1)
  return [...votes].reduce((best, one) => (one[1] > best[1] ? one : best), ['runtime', 0] as const)[0]
}

/**
 * What the ending of a failed command adds to what it said: a fault of its own when a signal stopped it, and the one fault
 * there is when it said nothing we know.
 */
export function endingDraft(output: Output, found: readonly Draft[]): Draft | undefined {
  if (output.exitCode === undefined) return undefined
  const stopped = exits[output.exitCode]?.rank === 'environment' && !found.some((draft) => draft.rank === 'environment')
  return found.length === 0 || stopped ? fallbackDraft(output) : undefined
}

/** The one fault of a command that failed without saying anything we know. */
function fallbackDraft(output: Output): Draft {
  const exit = exits[output.exitCode ?? 1]
  const tool = toolOf(output)
  const spoken = tool === undefined ? undefined : byTool[tool]
  const words = lastWords(output)
  const category = exit?.category ?? subjectOf(words, spoken, byWord.find(([, pattern]) => pattern.test(output.command))?.[0])
  return {
    category,
    code: 'COMMAND_FAILED',
    rank: 'wrapper',
    severity: tool !== undefined && linters.has(tool) && exit === undefined ? 'low' : undefined,
    transient: false, // Nothing is known that would make it pass later.
    message: words ?? `the command ended with exit code ${output.exitCode ?? 'unknown'}`,
    details: { exitCode: output.exitCode },
    ...exit,
  }
}

const failureWords =
  /\b(?:error|fail(?:ed|ure|s)?|fatal|cannot|can't|could not|unable|exception|denied|invalid|missing|no \w+ found|not (?:found|match|available|allowed|supported|configured)|does not|did not|must|unexpected|unknown|unsupported)\b/i

/** The line that most looks like the reason: the last that speaks of an error, else the last. */
function lastWords(output: Output): string | undefined {
  const spoken = output.lines.filter(
    (line, index) => line !== '' && output.kinds[index] !== 'quoted' && output.kinds[index] !== 'passing',
  )
  return spoken.findLast((line) => failureWords.test(line)) ?? spoken.at(-1)
}
