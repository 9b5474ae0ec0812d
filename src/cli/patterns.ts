import { resolve } from 'node:path'
import { nodeFileSystem, nodeWorkspace, sqliteKnowledgeStore } from '../adapters/node.js'
import { classify } from '../faults/index.js'
import { createWorld, HomeostatError } from '../index.js'
import { Knowledge, memoryKnowledgeStore, type Experience } from '../memory/index.js'
import { analysisText, hitText, predictionText } from './patterns-text.js'
import { memoryPath } from './project-memory.js'
import { readSource } from './read-source.js'
import type { Terminal } from './terminal.js'
import { exitCodes, readArguments, textOf, type Arguments } from './usage.js'

/** `homeostat patterns`: what attempts at healing taught, in `.homeostat/knowledge.db` of the project. */
export async function patternsCommand(argv: readonly string[], terminal: Terminal): Promise<number> {
  const given = readArguments(argv, options, wordsMax)
  const [name = '', ...words] = given.positionals
  const verb = Object.hasOwn(verbs, name) ? verbs[name] : undefined
  if (verb === undefined)
    throw invalid(
      name === '' ? '"patterns" alone' : `"patterns ${name}"`,
      `write "homeostat patterns" and one of ${Object.keys(verbs).join(', ')}`,
    )
  const extra = words[verb.words]
  if (extra !== undefined) throw invalid(`"${extra}"`, 'it is one word too many')
  const survived: { failure?: Error } = {}
  await using knowledge = openKnowledge(given, terminal, {
    creates: verb.creates,
    onError: (error) => {
      survived.failure = error instanceof Error ? error : new Error(String(error))
    },
  })
  const { document, text } = await verb.run({ knowledge, given, terminal, words })
  // A healing goes on without knowledge; a person who asked for it is told.
  if (survived.failure !== undefined) throw survived.failure
  terminal.out(given.values['json'] === true ? `${JSON.stringify(document, undefined, 2)}\n` : text)
  return exitCodes.ok
}

interface Context {
  readonly knowledge: Knowledge
  readonly given: Arguments
  readonly terminal: Terminal
  /** What stands after the verb. */
  readonly words: readonly string[]
}

/** What a verb found: a document for machines, and the same for people. */
interface Answer {
  readonly document: unknown
  readonly text: string
}

interface Verb {
  readonly run: (context: Context) => Promise<Answer>
  /** Whether it makes the file where there is none. */
  readonly creates: boolean
  /** How many words may follow. */
  readonly words: number
}

const wordsMax = 33
const dayMs = 24 * 60 * 60 * 1_000

const verbs: Readonly<Record<string, Verb>> = {
  store: { run: store, creates: true, words: 1 },
  search: { run: search, creates: false, words: wordsMax },
  predict: { run: predict, creates: false, words: 1 },
  analyze: { run: analyze, creates: false, words: 0 },
  prune: { run: prune, creates: false, words: 0 },
  metrics: { run: metrics, creates: false, words: 0 },
  export: { run: exportAll, creates: false, words: 0 },
  import: { run: importAll, creates: true, words: 1 },
}

const options = {
  cwd: { type: 'string' },
  store: { type: 'string' },
  json: { type: 'boolean' },
  'exit-code': { type: 'string' },
  command: { type: 'string' },
  limit: { type: 'string' },
  'age-days': { type: 'string' },
  'confidence-min': { type: 'string' },
  'keep-min': { type: 'string' },
  'without-recipes': { type: 'boolean' },
} as const

function openKnowledge(
  given: Arguments,
  terminal: Terminal,
  { creates, onError }: { readonly creates: boolean; readonly onError: (error: unknown) => void },
): Knowledge {
  const world = createWorld()
  // Opening the workspace first refuses a folder that is not there with a clear error.
  const { root } = nodeWorkspace(resolve(terminal.cwd, textOf(given, 'cwd') ?? '.'))
  const named = textOf(given, 'store')
  const path = named === undefined ? memoryPath(root) : resolve(terminal.cwd, named)
  const isThere = nodeFileSystem().lstat(path) !== undefined
  const onQuarantine = (aside: string, reason: string): void =>
    terminal.err(`The file was broken and is kept as ${aside}: ${reason}\n`)
  return new Knowledge({
    store: creates || isThere ? sqliteKnowledgeStore(path, { world, onQuarantine }) : memoryKnowledgeStore(),
    world,
    onError,
  })
}

/** One experience, a list of them, or one in each line. */
async function store({ knowledge, words, terminal }: Context): Promise<Answer> {
  const experiences = experiencesIn(await readSource(words[0], terminal))
  for (const experience of experiences) {
    terminal.signal.throwIfAborted()
    await knowledge.store(experience)
  }
  return { document: { stored: experiences.length }, text: `stored ${experiences.length}\n` }
}

async function search({ knowledge, words, given }: Context): Promise<Answer> {
  const hits = await knowledge.search(words.join(' '), { limit: numberOf(given, 'limit', { max: 1_000 }) ?? 20 })
  return { document: hits, text: hits.length === 0 ? 'nothing is known of it\n' : hits.map(hitText).join('') }
}

/** Of the root fault in what a command printed. */
async function predict({ knowledge, words, given, terminal }: Context): Promise<Answer> {
  const exitCode = numberOf(given, 'exit-code', { min: 0, max: 255 })
  const command = textOf(given, 'command')
  const output = await readSource(words[0], terminal)
  const [fault] = classify({ output, ...(exitCode !== undefined && { exitCode }), ...(command !== undefined && { command }) })
  if (fault === undefined) return { document: { fault: null, predictions: [] }, text: 'nothing is wrong\n' }
  const predictions = await knowledge.predict(fault, { limit: numberOf(given, 'limit', { max: 200 }) ?? 5 })
  const found = predictions.length === 0 ? '  nothing like it was tried before\n' : predictions.map(predictionText).join('')
  return { document: { fault, predictions }, text: `${fault.category} ${fault.code}: ${fault.message}\n${found}` }
}

async function analyze({ knowledge }: Context): Promise<Answer> {
  const analysis = await knowledge.analyze()
  return { document: analysis, text: analysisText(analysis) }
}

async function prune({ knowledge, given }: Context): Promise<Answer> {
  const ageDays = numberOf(given, 'age-days', { min: 0, max: 100_000, fraction: true })
  const confidenceMin = numberOf(given, 'confidence-min', { min: 0, max: 1, fraction: true })
  const keepMin = numberOf(given, 'keep-min', { min: 0, max: 1_000_000 })
  const report = await knowledge.prune({
    ...(ageDays !== undefined && { ageMsMax: ageDays * dayMs }),
    ...(confidenceMin !== undefined && { confidenceMin }),
    ...(keepMin !== undefined && { keepMin }),
  })
  const { stripped, summedUp, forgotten, kept } = report
  return {
    document: report,
    text: `kept ${kept} patterns; ${stripped} were reduced to their counts, ${summedUp} summed up, ${forgotten} lines of the log dropped\n`,
  }
}

async function metrics({ knowledge }: Context): Promise<Answer> {
  const { predictions: _, predictionsFound: __, errors: ___, ...kept } = await knowledge.metrics()
  const text = Object.entries(kept)
    .map(([name, value]) => `${name}: ${typeof value === 'number' ? Math.round(value * 1_000) / 1_000 : (value ?? 'none yet')}\n`)
    .join('')
  return { document: kept, text }
}

async function exportAll({ knowledge, given, terminal }: Context): Promise<Answer> {
  const lines: string[] = []
  for await (const line of knowledge.export()) {
    terminal.signal.throwIfAborted()
    lines.push(line)
  }
  return given.values['json'] === true
    ? { document: lines.map((line): unknown => JSON.parse(line)), text: '' }
    : { document: undefined, text: lines.join('') }
}

async function importAll({ knowledge, words, given, terminal }: Context): Promise<Answer> {
  const text = await readSource(words[0], terminal)
  const report = await knowledge.import(text.split('\n'), {
    recipes: given.values['without-recipes'] !== true,
    signal: terminal.signal,
  })
  return { document: report, text: `added ${report.patterns} patterns of ${report.attempts} attempts\n` }
}

function experiencesIn(text: string): readonly Experience[] {
  const whole = parsed(text)
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  const found = whole !== undefined ? [whole].flat() : lines.map((line) => parsed(line))
  const wrong = found.indexOf(undefined)
  if (wrong !== -1) throw invalid(`line ${wrong + 1}`, 'it is not JSON')
  if (found.length === 0) throw invalid('the experiences', 'there are none')
  // Whether they are experiences is looked at where they are stored.
  return found as readonly Experience[]
}

/** `undefined` when it is not JSON, in which nothing else reads as that. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function numberOf(
  given: Arguments,
  name: string,
  { min = 1, max, fraction = false }: { readonly min?: number; readonly max: number; readonly fraction?: boolean },
): number | undefined {
  const text = textOf(given, name)
  if (text === undefined) return undefined
  const value = Number(text)
  const isNumber = fraction ? /^\d{1,9}(?:\.\d{1,9})?$/.test(text) : /^\d{1,9}$/.test(text)
  if (!isNumber || value < min || value > max)
    throw invalid(`--${name} ${text}`, `it must be a ${fraction ? '' : 'whole '}number from ${min} to ${max}`)
  return value
}

function invalid(what: string, reason: string): HomeostatError {
  return new HomeostatError('HS_INPUT_INVALID', { what, reason })
}
