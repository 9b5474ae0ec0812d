import type { FaultCategory } from '../core/fault.js'
import type { Output } from './output.js'
import type { Draft } from './rule.js'
import { toolOf } from './tool.js'
import { readWords, sureWeight, type Reading } from './wording.js'

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
  git: 'configuration',
  mypy: 'build',
  pyright: 'build',
  dotnet: 'build',
  cmake: 'build',
  ninja: 'build',
  curl: 'network',
  ssh: 'network',
}
/** What they find is style: mild, and fixed in the source. */
const linters = new Set(
  'eslint prettier biome oxlint stylelint tslint xo standard dprint ruff flake8 black isort pylint rubocop golangci-lint ktlint checkstyle shellcheck hadolint yamllint markdownlint commitlint pre-commit lint-staged knip publint size-limit cspell typos actionlint htmlhint'.split(
    ' ',
  ),
)

const byWord: readonly (readonly [FaultCategory, RegExp])[] = [
  ['deployment', /\b(?:deploy|rollout|release|publish|docker (?:build|push)|kubectl|helm|terraform)/i],
  ['test', /\b(?:test|spec|e2e|coverage)\b/i],
  ['dependency', /\b(?:npm|pnpm|yarn|bun|pip|cargo|go) (?:ci|install|i|add|update|get|fetch)\b/],
  ['build', /\b(?:build|compile|bundle|lint|format|typecheck|tsc|make)\b/i],
]

/** The sentence that tells most surely what the failure is about, and what that is. */
interface Reason {
  readonly words: string | undefined
  readonly category: FaultCategory
  /** Of what the sentence says beyond doubt. */
  readonly sure?: Reading | undefined
}

/** Of so many sentences from each end of an output the best is taken. */
const sentencesMax = 30

/**
 * Each sentence votes by its words, and the tool and its command vote with it, for many failures are of the usual kind. Of two
 * sentences that tell as surely the later counts: tools say the reason last, and `See above` says nothing.
 */
function reasonOf(output: Output, tool: FaultCategory | undefined, command: FaultCategory | undefined): Reason {
  const spoken = output.lines.filter(
    (line, index) => line !== '' && output.kinds[index] !== 'quoted' && output.kinds[index] !== 'passing',
  )
  const failing = spoken.filter((line) => failureWords.test(line) && !warnings.test(line))
  const near = failing.length <= sentencesMax * 2 ? failing : [...failing.slice(0, sentencesMax), ...failing.slice(-sentencesMax)]
  const bias = (category: FaultCategory): number =>
    (category === tool ? (tool === 'deployment' ? 2 : 1.5) : 0) + (category === command ? 1 : 0)
  let best: { readonly words: string; readonly reading: Reading; readonly score: number } | undefined
  for (const words of near) {
    const aside = asides.test(words) ? 0.5 : 1
    const [own] = readWords(words.slice(0, 500))
      .map((reading) => ({ words, reading, score: reading.weight * aside + bias(reading.category) }))
      .sort((a, b) => b.score - a.score)
    if (own !== undefined && own.score >= (best?.score ?? 0)) best = own
  }
  const words = best?.words ?? failing.at(-1) ?? spoken.at(-1)
  if (best === undefined) return { words, category: tool ?? command ?? 'runtime' }
  const { reading } = best
  return { words, category: reading.category, sure: reading.weight >= sureWeight ? reading : undefined }
}

/** What a package manager or Node finds fault with besides is not why the command failed. */
const warnings =
  /^(?:npm|pnpm|yarn) (?:warn|notice|info|http)\b|^(?:\(node:\d{1,10}\) |\(Use `node --trace-)|^ ?WARN(?:ING)?\b|^warning /i

/** Advice repeats words of what could be wrong. */
const asides = /^(?:hint|note|help|tip|see|try|usage|for more|run|use|learn more|warning|info|consider|=|\*|->)\b/i

/**
 * What the ending of a failed command adds to what it said: a fault of its own when a signal stopped it, and the one fault
 * there is when it said nothing we know.
 */
export function endingDraft(output: Output, found: readonly Draft[]): Draft | undefined {
  if (output.exitCode === undefined) return undefined
  const stopped = exits[output.exitCode]?.rank === 'environment' && !found.some((draft) => draft.rank === 'environment')
  if (found.length === 0 || stopped) return fallbackDraft(output)
  // Who only repeats that something below failed may stand above words that say of what kind it is.
  if (!found.every(({ rank, code }) => rank === 'wrapper' && repeats.has(code))) return undefined
  const draft = fallbackDraft(output)
  return draft.code !== 'COMMAND_FAILED' || /^(?:syntax|dependency|configuration)$/.test(draft.category) ? draft : undefined
}

const repeats = new Set(['BUILD_FAILED', 'SCRIPT_FAILED', 'CONTAINER_BUILD_FAILED'])

/** The one fault of a command that failed without saying anything we know. */
function fallbackDraft(output: Output): Draft {
  const exit = exits[output.exitCode ?? 1]
  const tool = toolOf(output)
  const reason = reasonOf(
    output,
    tool === undefined ? undefined : (byTool[tool] ?? (linters.has(tool) ? 'build' : undefined)),
    byWord.find(([, pattern]) => pattern.test(output.command))?.[0],
  )
  // A check of formatting prints the names of the files and nothing else.
  const linter = tool !== undefined && linters.has(tool)
  const style = reason.sure === undefined && (linter || /\b(?:fmt|format)\b|--check\b/.test(output.command))
  const category = exit?.category ?? (style ? 'build' : reason.category)
  return {
    category,
    // A name for what is to be repaired would be a guess; who is asked to wait or for a right may know it.
    code: (/^(?:network|permission)$/.test(category) ? reason.sure?.code : undefined) ?? 'COMMAND_FAILED',
    rank: 'wrapper',
    severity: category === 'build' && (style || linter) ? 'low' : undefined,
    // Without a sure word nothing is known that would make it pass later.
    transient: reason.sure?.category === 'network' && reason.sure.transient === true,
    message: reason.words ?? `the command ended with exit code ${output.exitCode ?? 'unknown'}`,
    details: { exitCode: output.exitCode },
    ...exit,
  }
}

const failureWords =
  /\b(?:errors?|fail(?:ed|ure|s|ing)?|fatal|cannot|can't|couldn't|could not|unable|\w*exception|\w+Error|denied|invalid|missing|no \w+ found|not|isn't|doesn't|don't|must|required?|requires|unexpected|unknown|unrecogni[sz]ed|unsupported|undefined|refused|rejected|expired|conflict|mismatch|exceeded|timed? ?out|no such|already|too (?:many|large|old|long)|lost|aborted|crashed|killed|unterminated|unclosed|malformed|duplicate|detected|emerg|panic|specified)\b/i
