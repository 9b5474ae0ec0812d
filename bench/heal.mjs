// How often `homeostat heal` brings a project of yours back: `node bench/heal.mjs --project DIR`, after `npm run build`.
//   --kinds=syntax,test,…  some kinds only
//   --cases=N              cases of each kind, 1..200 (4)
//   --seed=TEXT            other cases
//   --test="npm test"      the command that passes on the project as it is
//   --hidden=GLOB          the tests that the healer does not see (every second test file)
//   --timeout=SECONDS      the most a healing may take (300)
//   --healer=PATH          another build of the command line
//   --json                 one JSON document on standard output
// The project itself is only read. What is measured and how to read it: docs/healing-bench.md.
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { casesOf } from './heal/cases.mjs'
import { runCommand, wordsOf } from './heal/command.mjs'
import { judge } from './heal/judge.mjs'
import { commandOf, kinds } from './heal/kinds.mjs'
import { readProject } from './heal/project.mjs'
import { lineOf, summaryOf, tableOf } from './heal/table.mjs'
import { openWorkplace } from './heal/workplace.mjs'

const options = readOptions()
const project = readProject(options.root, options)
const interrupt = new AbortController()
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(name, () => interrupt.abort(new Error(`Interrupted by ${name}`)))

const results = []
const workplace = openWorkplace()
try {
  await bench({ ...options, project, workplace, signal: interrupt.signal })
} catch (error) {
  process.exitCode = interrupt.signal.aborted ? 130 : 2
  console.error(error.message)
} finally {
  workplace.close()
  show()
}

async function bench(context) {
  const { project, workplace, chosen, count } = context
  const checks = await passingCommands(context)
  const isSound = (kind) => kind !== 'types' || checks.length > 1
  for (const kind of chosen.filter(isSound)) {
    const before = results.length
    for await (const each of casesOf(kind, project, context)) {
      results.push(await judge(each, { ...context, checks }))
      workplace.remove(each.copy)
      console.error(lineOf(results.at(-1)))
    }
    if (results.length - before < count) console.error(`  ${kind}: ${results.length - before} of ${count} cases could be made`)
  }
}

/** The commands that pass on the project as it is, whole and without the hidden tests. @throws {Error} when the tests do not. */
async function passingCommands({ project, workplace, test, signal, timeoutMs }) {
  console.error(`${project.code.length} source files, ${project.tests.length} of tests, of which ${project.hidden.length} hidden`)
  if (project.hidden.length === 0) console.error('Nothing is hidden: a wrong patch that the tests accept will count as right')
  let passing = project.hasTypes ? [test, commandOf('types', project, test)] : [test]
  for (const hidden of [project.hidden, []]) {
    const copy = workplace.copy({ ...project, hidden })
    for (const command of passing) {
      if ((await runCommand(command, { cwd: copy, timeoutMs, signal })).passes) continue
      if (command === test) throw new Error(`Cannot bench ${project.root}: "${test.join(' ')}" fails on it as it is`)
      passing = [test]
    }
    workplace.remove(copy)
  }
  return passing
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      project: { type: 'string' },
      kinds: { type: 'string', default: Object.keys(kinds).join() },
      cases: { type: 'string', default: '4' },
      seed: { type: 'string', default: 'homeostat' },
      test: { type: 'string', default: 'npm test' },
      hidden: { type: 'string' },
      timeout: { type: 'string', default: '300' },
      healer: { type: 'string', default: fileURLToPath(new URL('../dist/cli/main.js', import.meta.url)) },
      json: { type: 'boolean', default: false },
    },
  })
  if (values.project === undefined) throw new TypeError('Cannot bench: --project DIR is missing')
  const chosen = values.kinds.split(',')
  const unknown = chosen.find((kind) => !Object.hasOwn(kinds, kind))
  if (unknown !== undefined) throw new RangeError(`Cannot bench "${unknown}": the kinds are ${Object.keys(kinds).join(', ')}`)
  return {
    root: resolve(values.project),
    chosen,
    count: wholeNumber('cases', values.cases, 200),
    seed: values.seed,
    test: wordsOf(values.test),
    hidden: values.hidden,
    timeoutMs: wholeNumber('timeout', values.timeout, 3600) * 1000,
    healer: resolve(values.healer),
    json: values.json,
  }
}

function wholeNumber(name, text, max) {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1 || value > max)
    throw new RangeError(`Cannot bench with --${name}=${text}: it is a whole number, 1..${max}`)
  return value
}

function show() {
  const summary = summaryOf(results)
  if (options.json)
    console.log(
      JSON.stringify({ project: options.root, seed: options.seed, hidden: project.hidden, summary, results }, undefined, 2),
    )
  else if (summary.length > 0) console.log(`\n${tableOf(summary)}`)
}
