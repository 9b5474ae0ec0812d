import type { Workspace } from '../../core/ports.js'
import { objectOf, parseObject } from '../dependencies/dependency-manifest.js'

/** Programs that run tests. `node`: a test file that is started as a program. */
export type TestRunner = 'node-test' | 'node' | 'mocha' | 'jest' | 'vitest' | 'ava' | 'tape' | 'uvu' | 'tap' | 'jasmine' | 'other'

/** How a project runs its tests, without what a package manager, a linter or a coverage tool adds. */
export interface TestScript {
  readonly runner: TestRunner
  /** Runs all tests. */
  readonly command: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** Builds what the tests run, where they do not run the source itself; to be run once, before any of the others. */
  readonly prepare?: readonly string[]
  /** Program and options without files, where a part of the tests can be run alone. */
  readonly parts?: readonly string[]
}

/** Which tests to run: some files, of them all tests or the one with this name. */
export interface Focus {
  readonly files: readonly string[]
  readonly name?: string
}

/** Reads what a failing command runs; `undefined` where it says nothing about tests. */
export function testScriptOf(workspace: Workspace, command: readonly string[]): TestScript | undefined {
  const segments = segmentsOf(command, workspace, 0).filter((segment) => !isCheck(segment))
  const runners = segments.filter((segment) => runnerOf(segment.words) !== 'other')
  const [only] = runners
  if (only === undefined) return undefined
  if (runners.length > 1 || segments.at(-1) !== only)
    return { runner: 'other', command: shell(segments.map(({ source }) => source).join(' && ')), env: {} }
  const before = [...preparing(command, workspace), ...segments.slice(0, -1)]
  const runner = runnerOf(only.words)
  const words = quietWords(runner, only.words)
  return {
    runner,
    command: only.isForShell ? shell(only.source) : located(workspace, words),
    env: only.env,
    ...(before.length > 0 && { prepare: shell(before.map(({ source }) => source).join(' && ')) }),
    parts: located(workspace, withoutFiles(runner, words)),
  }
}

/** The command that runs a part of the tests; `undefined` where the runner knows no such thing. */
export function focused({ runner, parts }: TestScript, { files, name }: Focus): readonly string[] | undefined {
  if (parts === undefined || (files.length === 0 && name === undefined)) return undefined
  const filter = name === undefined ? [] : filterFor(runner, name)
  if (filter === undefined) return undefined
  switch (runner) {
    case 'node-test': {
      if (files.length === 0) return undefined
      // One file alone needs no runner: that saves a process.
      const plain = files.length === 1 ? parts.filter((part) => part !== '--test') : parts
      return [...plain, ...filter, ...files]
    }
    case 'jest':
      return [...parts, ...filter, ...(files.length > 0 ? ['--runTestsByPath', ...files] : [])]
    case 'node':
    case 'uvu':
      return files.length === 1 && name === undefined ? [...(runner === 'uvu' ? ['node'] : parts), ...files] : undefined
    case 'other':
      return undefined
    case 'mocha':
    case 'vitest':
    case 'ava':
    case 'tape':
    case 'tap':
    case 'jasmine':
      return [...parts, ...filter, ...files]
  }
}

/** Options that let a runner run one test; `undefined` where it has none. */
function filterFor(runner: TestRunner, name: string): readonly string[] | undefined {
  const pattern = name.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
  switch (runner) {
    case 'node-test':
      return [`--test-name-pattern=${pattern}`]
    case 'mocha':
      return ['--fgrep', name]
    case 'vitest':
    case 'jest':
      return ['-t', pattern]
    case 'ava':
      return [`--match=${name}`]
    case 'node':
    case 'tape':
    case 'uvu':
    case 'tap':
    case 'jasmine':
    case 'other':
      return undefined
  }
}

interface Segment {
  readonly words: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** As it was written, for the shell. */
  readonly source: string
  /** It holds what only a shell can read: patterns of file names, variables, pipes. */
  readonly isForShell: boolean
}

/** Scripts may call each other so deep. */
const depthMax = 5

function segmentsOf(command: readonly string[], workspace: Workspace, depth: number): readonly Segment[] {
  const script = scriptNamed(command, workspace)
  if (script === undefined || depth >= depthMax) return [segment(command, command.map(shellQuoted).join(' '), false)]
  return script.split(/\s*&&\s*/).flatMap((source) => {
    const words = wordsOf(source)
    const plain = segment(words, source, /[*?$|;<>`(){}~]/.test(source.replace(/'[^']*'|"[^"$`]*"/g, '')))
    return plain.isForShell ? [plain] : segmentsOfWords(plain, workspace, depth + 1)
  })
}

function segmentsOfWords(plain: Segment, workspace: Workspace, depth: number): readonly Segment[] {
  return scriptNamed(plain.words, workspace) === undefined ? [plain] : segmentsOf(plain.words, workspace, depth)
}

/** What a package manager runs before the script. */
function preparing(command: readonly string[], workspace: Workspace): readonly Segment[] {
  const name = scriptName(command)
  if (name === undefined || scriptNamed(command, workspace) === undefined) return []
  const before = ['npm', 'run', `pre${name}`]
  if (scriptNamed(before, workspace) === undefined) return []
  return segmentsOf(before, workspace, 0).filter((segment) => !isCheck(segment))
}

/** The script of the manifest that the command runs. */
function scriptNamed(command: readonly string[], workspace: Workspace): string | undefined {
  const wanted = scriptName(command)
  const scripts = objectOf(parseObject(workspace.read('package.json'))?.['scripts'])
  const script = wanted !== undefined && scripts !== undefined && Object.hasOwn(scripts, wanted) ? scripts[wanted] : undefined
  return typeof script === 'string' && script.length <= 4_000 ? script : undefined
}

function scriptName([program = '', ...rest]: readonly string[]): string | undefined {
  if (!/^(?:npm|pnpm|yarn|bun)$/.test(program)) return undefined
  const words = rest.filter((word) => !word.startsWith('-'))
  const name = words[0] === 'run' || words[0] === 'run-script' ? words[1] : words[0]
  return name === undefined || name === 't' || name === 'tst' ? 'test' : name
}

function segment(given: readonly string[], source: string, isForShell: boolean): Segment {
  const env: Record<string, string> = {}
  let words = [...given]
  for (;;) {
    const [first = ''] = words
    const assigned = /^([A-Za-z_]\w*)=(.*)$/s.exec(first)
    if (assigned !== null) {
      const [, name = '', value = ''] = assigned
      if (name !== '__proto__') env[name] = value
      words = words.slice(1)
    } else if (/^(?:cross-env|cross-env-shell|npx|dotenv|--)$/.test(first) || (first === 'npx' && words[1] === '--no'))
      words = words.slice(1)
    else if (/^(?:c8|nyc)$/.test(first)) {
      const at = words.findIndex((word, index) => index > 0 && (runnerNames.has(baseOf(word)) || baseOf(word) === 'node'))
      if (at === -1) break
      words = words.slice(at)
    } else break
  }
  return { words, env, source, isForShell }
}

const runnerNames: ReadonlyMap<string, TestRunner> = new Map([
  ['mocha', 'mocha'],
  ['_mocha', 'mocha'],
  ['jest', 'jest'],
  ['vitest', 'vitest'],
  ['ava', 'ava'],
  ['tape', 'tape'],
  ['uvu', 'uvu'],
  ['tap', 'tap'],
  ['jasmine', 'jasmine'],
])

function runnerOf(words: readonly string[]): TestRunner {
  const [program = '', ...rest] = words
  const named = runnerNames.get(baseOf(program))
  if (named !== undefined) return named
  if (!/^(?:node|tsx|ts-node)$/.test(baseOf(program))) return 'other'
  if (rest.includes('--test')) return 'node-test'
  const file = rest.find((word) => !word.startsWith('-'))
  const script = runnerNames.get(baseOf(file?.replace(/\.[cm]?js$/, '') ?? ''))
  if (script !== undefined && /node_modules/.test(file ?? '')) return script
  return rest.some((word) => /test|spec/i.test(word)) ? 'node' : 'other'
}

/** Linters and type checks say nothing about what the code does. */
function isCheck({ words }: Segment): boolean {
  const [program = '', ...rest] = words
  const name = baseOf(program)
  if (
    /^(?:eslint|xo|standard|ts-standard|semistandard|prettier|biome|oxlint|tsd|tstyche|attw|publint|knip|depcheck|size-limit|jshint|dtslint|ls-lint|echo|npm-run-all)$/.test(
      name,
    )
  )
    return true
  return name === 'tsc' && rest.some((word) => /^--no-?emit$/i.test(word))
}

function baseOf(program: string): string {
  return program.slice(program.lastIndexOf('/') + 1)
}

/** A program of an installed package by its path: nothing has to look for it. */
function located(workspace: Workspace, [program = '', ...rest]: readonly string[]): readonly string[] {
  if (program.includes('/') || program === 'node') return [program, ...rest]
  const path = `node_modules/.bin/${program}`
  return workspace.stat(path) === undefined ? [...throughShell, program, ...rest] : [path, ...rest]
}

/** Without coverage, which takes time and has limits of its own; never waiting for changes. */
function quietWords(runner: TestRunner, words: readonly string[]): readonly string[] {
  const kept = words.filter(
    (word) =>
      !/^--(?:coverage(?:=.*|\..*)?|watch(?:All)?|check-coverage|typecheck|experimental-test-coverage|test-coverage-.*)$/.test(
        word,
      ),
  )
  if (runner === 'jest') return [...kept, '--coverage=false']
  if (runner === 'vitest') {
    const run = kept.includes('run') ? kept : [...kept.slice(0, 1), 'run', ...kept.slice(1)]
    return [...run, '--coverage.enabled=false']
  }
  return kept
}

/** Options whose value is a word of its own. */
const valued =
  /^(?:-r|--require|--import|--loader|--experimental-loader|-R|--reporter|--ui|-u|-t|--timeout|--config|-c|--env|--environment|--project|--root|--dir|--pool|--test-reporter|--test-reporter-destination|--test-concurrency|--test-timeout|--opts|--file|--extension|--ignore|-i|--node-arguments|-C|--conditions|-p|--preset|--testEnvironment|--maxWorkers|-w)$/

function withoutFiles(runner: TestRunner, words: readonly string[]): readonly string[] {
  const [program = '', ...rest] = words
  const kept: string[] = []
  for (let at = 0; at < rest.length; at += 1) {
    const word = rest[at] ?? ''
    if (word.startsWith('-')) {
      kept.push(word)
      if (valued.test(word)) {
        kept.push(rest[at + 1] ?? '')
        at += 1
      }
    } else if ((runner === 'vitest' && word === 'run') || /node_modules\//.test(word)) kept.push(word)
  }
  return [program, ...kept]
}

/** Words of a command line of a script, quotes taken off. */
function wordsOf(source: string): readonly string[] {
  const words = source.match(/(?:[^\s'"]|'[^']*'|"(?:[^"\\]|\\.)*")+/g) ?? []
  return words.map((word) =>
    word.replace(
      /'([^']*)'|"((?:[^"\\]|\\.)*)"/g,
      (_, single: string | undefined, double: string | undefined) => single ?? (double ?? '').replace(/\\(["\\$`])/g, '$1'),
    ),
  )
}

/** Installed packages may be a link that reads as absent. */
const throughShell = ['sh', '-c', 'PATH="$PWD/node_modules/.bin:$PATH"; export PATH; exec "$@"', 'sh']

function shell(source: string): readonly string[] {
  return ['sh', '-c', `PATH="$PWD/node_modules/.bin:$PATH"; export PATH; ${source}`]
}

function shellQuoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
