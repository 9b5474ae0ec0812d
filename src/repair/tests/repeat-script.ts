import { repeatPreload } from './repeat-preload.js'
import type { TestRunner } from './test-script.js'

/** Runners whose tests can be repeated in one process. */
const repeating: readonly TestRunner[] = ['mocha', 'jest', 'vitest', 'node-test', 'node', 'tape', 'uvu', 'ava']

/** Whether a run of this runner can tell of many variants. */
export function canRepeat(runner: TestRunner): boolean {
  return repeating.includes(runner)
}

/** What the driver of variants writes into its temporary folder, and starts. */
export const repeatPrograms = {
  preload: repeatPreload,
  // `runner`, `runTask` and `getFn` are documented for runners of one's own, since Vitest 1; since 4.1 they are in the main entry as well.
  vitest: String.raw`
const { createRequire } = require('module'), { pathToFileURL } = require('url'), fs = require('fs'), path = require('path')
const { words, folder } = JSON.parse(process.argv[process.argv.length - 1])
async function main() {
  const here = createRequire(process.cwd() + '/package.json'), url = (file) => JSON.stringify(pathToFileURL(file).href)
  const runner = path.join(folder, 'runner.mjs')
  let imports
  try {
    const runners = here.resolve('vitest/runners'), inside = createRequire(runners).resolve('@vitest/runner')
    imports = ['import { VitestTestRunner as Base } from ' + url(runners), 'import { getFn, getHooks } from ' + url(inside)]
  } catch {
    const index = path.join(path.dirname(here.resolve('vitest/package.json')), 'dist/index.js')
    imports = ['import { TestRunner as Base } from ' + url(index), 'const { getTestFn: getFn, getSuiteHooks: getHooks } = Base']
  }
  fs.writeFileSync(runner, [
    ...imports,
    'const each = process.homeostatVariants().each',
    'export default class extends Base {',
    '  async runTask(test) {',
    '    const fn = getFn(test), suites = []',
    '    for (let suite = test.suite ?? test.file; suite; suite = suite.suite ?? (suite === test.file ? undefined : test.file)) suites.unshift(suite)',
    '    let isFresh = true, cleanups = []',
    '    const refresh = async () => {',
    '      if (isFresh) { isFresh = false; return }',
    '      for (const suite of [...suites].reverse()) for (const hook of getHooks(suite)?.afterEach ?? []) await hook(test.context, suite)',
    '      for (const cleanup of cleanups.reverse()) await cleanup(test.context)',
    '      cleanups = []',
    '      for (const suite of suites) for (const hook of getHooks(suite)?.beforeEach ?? []) {',
    '        const cleanup = await hook(test.context, suite)',
    '        if (typeof cleanup === "function") cleanups.push(cleanup)',
    '      }',
    '    }',
    '    await each(async () => {',
    '      await refresh()',
    '      await this.onBeforeTryTask?.(test, { retry: 0, repeats: 0 })',
    '      await fn()',
    '      await this.onAfterTryTask?.(test, { retry: 0, repeats: 0 })',
    '      return true',
    '    })',
    '    await refresh()',
    '    await this.onBeforeTryTask?.(test, { retry: 0, repeats: 0 })',
    '    await fn()',
    '  }',
    '}',
  ].join('\n'))
  const { createVitest, parseCLI } = await import('vitest/node')
  const { filter, options } = parseCLI(['vitest', ...words])
  const vitest = await createVitest('test', { ...options, runner, run: true, watch: false, reporters: [{}], coverage: { enabled: false }, testTimeout: 2000000000 })
  await vitest.start(filter)
  process.exit(0)
}
main().catch((error) => { console.error(error); process.exit(3) })
`,
}

/**
 * A part of the driver of variants: `repeated(run, ids, options)` starts a run with the preload and reads what it tells. Where a
 * variant does not end, or ends the process, it counts as failed, and the rest is run by another process.
 */
export const repeatDriver = String.raw`
function beginRepeated({ command, env }, folder) {
  const NODE_OPTIONS = [process.env.NODE_OPTIONS, (env || {}).NODE_OPTIONS, '--require ' + JSON.stringify(path.join(folder, 'preload.cjs'))].filter(Boolean).join(' ')
  const given = runner === 'vitest' ? [process.execPath, '-e', programs.vitest, '--', JSON.stringify({ words: command.slice(1), folder })] : command
  return begin(given, { ...env, NODE_OPTIONS, [variable]: '0' }, 'ignore')
}
function runRepeated(run, ids, { isAll, until }) {
  return new Promise((resolve) => {
    const folder = fs.mkdtempSync(path.join(cache, 'repeat-')), file = path.join(folder, 'told')
    fs.writeFileSync(path.join(folder, 'preload.cjs'), programs.preload)
    fs.writeFileSync(path.join(folder, 'given.json'), JSON.stringify({ ids, isAll, timeoutMs }))
    const child = beginRepeated(run, folder)
    let size = 0, grownAt = Date.now(), ended = false
    const read = () => { try { return fs.readFileSync(file, 'utf8').split('\n').slice(0, -1) } catch { return [] } }
    const finish = (isStopped) => {
      if (ended) return
      ended = true
      clearInterval(timer)
      end(child)
      resolve({ lines: read(), isStopped })
    }
    const timer = setInterval(() => {
      try {
        const grown = fs.statSync(file).size
        if (grown !== size) { size = grown; grownAt = Date.now() }
      } catch {}
      const last = read().pop() || '', allowed = last.startsWith('> ') ? Number(last.split(' ')[2]) + 1500 : timeoutMs
      if ((!isAll && last === '!') || Date.now() > until) finish(false)
      else if (Date.now() - grownAt > allowed) finish(true)
    }, 40)
    child.on('error', () => finish(true))
    child.on('exit', () => finish(false))
  })
}
async function repeated(run, ids, { isAll, until }) {
  const found = { passed: new Set(), failed: new Set(), unsure: new Set(), late: 0, isSound: false }
  let left = ids
  for (let starts = 0; starts < 40 && left.length > 0 && Date.now() < until; starts += 1) {
    const { lines } = await runRepeated(run, left, { isAll, until })
    let open
    for (const line of lines) {
      const kind = line[0], id = Number(line.split(' ')[1])
      open = kind === '>' ? id : undefined
      if (kind === '+') found.passed.add(id)
      if (kind === '-') { found.failed.add(id); found.passed.delete(id) }
      if (kind === '?') { found.unsure.add(id); found.passed.delete(id) }
      if (kind === '!') found.isSound = true
    }
    if (open === undefined || Date.now() >= until) break
    found.isSound = true
    found.failed.add(open)
    found.passed.delete(open)
    found.late += 1
    left = left.filter((id) => !found.failed.has(id) && !found.unsure.has(id) && (isAll || !found.passed.has(id)))
  }
  return found
}
`
