import type { RepairAnswer } from '../../core/repairer.js'
import { withManifestText } from '../dependencies/dependency-manifest-edit.js'
import { objectOf, parseObject, readManifest } from '../dependencies/dependency-manifest.js'
import { changedFile, nothing, proposal, quoted } from '../dependencies/dependency-proposal.js'
import { majorOf, satisfies } from '../dependencies/version-range.js'
import { packageManagerOf } from '../package-manager.js'
import { detail, type ConfigurationQuestion } from './question.js'

/**
 * The versions of Node that the manifest asks for, as the lockfile remembers them: only where the manifest asks for some that
 * nobody can mean, as `>=99`, or that are behind the one that runs. Whoever wants a newer Node has written what is meant.
 */
export function repairEngineRange({ fault, workspace }: ConfigurationQuestion): RepairAnswer {
  const running = /\d+\.\d+\.\d+/.exec(detail(fault, 'actual') ?? '')?.[0]
  const manifest = fault.code === 'ENGINE_MISMATCH' ? readManifest(workspace, '') : undefined
  const { lockfile } = packageManagerOf(workspace, '')
  const locked = parseObject(lockfile === undefined ? undefined : workspace.read(lockfile))
  const remembered = nodeRangeIn(objectOf(objectOf(locked?.['packages'])?.['']))
  const asked = nodeRangeIn(manifest?.json)
  if (manifest === undefined || running === undefined || remembered === undefined || asked === undefined) return nothing()
  if (satisfies(running, remembered) !== true || satisfies(running, asked) !== false || mayBeMeant(asked, running))
    return nothing()
  const after = withManifestText(manifest.text, ['engines', 'node'], remembered)
  if (after === undefined) return nothing()
  return {
    proposals: [
      proposal({
        title: `Ask for Node ${remembered} in ${manifest.path} again`,
        edits: [changedFile(manifest.path, manifest.text, after)],
        plausibility: 0.9,
        rationale: `${manifest.path} asks for Node ${quoted(asked)}, which cannot be meant; ${lockfile ?? 'the lockfile'} remembers ${quoted(remembered)}.`,
      }),
    ],
    notes: [],
  }
}

/** How far ahead of the running version people ask for one. */
const majorsAhead = 4

/** Whether a version lies in the range that is newer than the running one and not far from it. */
function mayBeMeant(range: string, running: string): boolean {
  const major = majorOf(running) ?? 0
  const [, minor = '0', patch = '0'] = running.split('.')
  const newer = Array.from({ length: majorsAhead }, (_, index) => `${major + index + 1}.99.99`)
  const sameMajor = [`${major}.${Number(minor) + 1}.0`, `${major}.${minor}.${Number(patch) + 1}`, `${major}.99.99`]
  return [...newer, ...newer.map((version) => version.replace('.99.99', '.0.0')), ...sameMajor].some(
    (version) => satisfies(version, range) !== false,
  )
}

function nodeRangeIn(manifest: Readonly<Record<string, unknown>> | undefined): string | undefined {
  const range = objectOf(manifest?.['engines'])?.['node']
  return typeof range === 'string' ? range : undefined
}
