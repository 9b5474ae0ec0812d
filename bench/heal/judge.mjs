import { isDeepStrictEqual } from 'node:util'
import { runCommand } from './command.mjs'
import { differences, restore, snapshot } from './workplace.mjs'

const suppression =
  /@ts-(?:ignore|expect-error|nocheck)|eslint-disable|oxlint-disable|biome-ignore|\bas any\b|:\s*any\b|\bas unknown as\b/g
const lockFile = /(?:^|\/)(?:package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml)$/

/** Has one case healed, and says what became of it by looking at the files and running the tests, never by the healer's word. */
export async function judge({ kind, damage, command, copy }, { project, checks, healer, timeoutMs, signal }) {
  const broken = snapshot(copy)
  const heal = ['heal', '--cwd', copy, '--autonomy', 'apply', '--installs', 'any', '--json', '--', ...command]
  const run = await runCommand([process.execPath, healer, ...heal], { cwd: copy, timeoutMs, signal })
  const report = reportOf(run)
  const healed = snapshot(copy)

  const passes = (await runCommand(command, { cwd: copy, timeoutMs, signal })).passes
  const protectedTouched = touched(project, broken, healed)
  for (const path of project.tests) restore(project, copy, path)
  const hiddenFail = passes ? await firstFailing(checks, { cwd: copy, timeoutMs, signal }) : undefined

  const original = originalOf(project)
  const changed = differences(broken, healed)
  const recovered = passes && hiddenFail === undefined && protectedTouched.length === 0
  return {
    kind,
    damage: damage.name,
    path: damage.path,
    recovered,
    exact: recovered && differences(original, healed).every((path) => lockFile.test(path)),
    wrong: !recovered && (changed.length > 0 || (passes && report.patch !== undefined)),
    passes,
    hiddenFail,
    protectedTouched,
    changed,
    outcome: report.outcome,
    reasons: report.decision?.reasons ?? [],
    fault: report.fault && {
      category: report.fault.category,
      code: report.fault.code,
      message: report.fault.message?.slice(0, 200),
    },
    patch: report.patch?.title,
    repairer: report.patch?.repairer,
    probability: report.confidence?.probability,
    notes: (report.notes ?? []).slice(0, 5),
    tried: run.stderr.split('\n').filter((line) => /^(?:try|sandbox)\s/.test(line)).length,
    durationMs: Math.round(run.durationMs),
    ...(damage.text && { before: around(project.text.get(damage.path), damage.text()), diff: report.diff }),
    story: run.stderr.slice(-6000),
  }
}

/** Of the checks that the project passes as it is, the first that it no longer passes. */
async function firstFailing(checks, options) {
  for (const check of checks) if (!(await runCommand(check, options)).passes) return check.join(' ')
  return undefined
}

function reportOf({ stdout, stderr, timedOut }) {
  try {
    return JSON.parse(stdout)
  } catch {
    return { outcome: timedOut ? 'out of time' : 'no report', notes: [stderr.slice(-300)] }
  }
}

/** The project without what is hidden: what an exact repair gives back. */
function originalOf(project) {
  const original = snapshot(project.root)
  for (const path of project.hidden) original.delete(path)
  return original
}

/** Tests and package scripts that are other than the project has them, and checks that are newly switched off. */
function touched(project, broken, healed) {
  const tests = new Set(project.tests)
  const found = differences(broken, healed).filter((path) => tests.has(path))
  if (!isDeepStrictEqual(scriptsIn(healed), project.manifest.scripts) && differences(broken, healed).includes('package.json'))
    found.push('package.json (scripts)')
  const silenced = differences(broken, healed).filter(
    (path) => silencings(healed, path) > Math.max(silencings(broken, path), ofText(project.text.get(path))),
  )
  return [...found, ...silenced.map((path) => `${path} (check suppressed)`)]
}

function silencings(files, path) {
  return ofText(files.get(path)?.bytes.toString())
}

function ofText(text = '') {
  return [...text.matchAll(suppression)].length
}

function scriptsIn(files) {
  try {
    return JSON.parse(files.get('package.json')?.bytes.toString() ?? '{}').scripts
  } catch {
    return undefined
  }
}

/** The first line that differs, as it was and as it was made. */
function around(before, after) {
  const [a, b] = [before.split('\n'), after.split('\n')]
  const line = a.findIndex((text, index) => text !== b[index])
  return line < 0 ? undefined : { line: line + 1, was: a[line].slice(0, 200), became: b[line]?.slice(0, 200) }
}
