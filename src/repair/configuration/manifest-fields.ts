import type { RepairAnswer } from '../../core/repairer.js'
import { installAction } from '../dependencies/dependency-install.js'
import { type Manifest, objectOf } from '../dependencies/dependency-manifest.js'
import { changedFile, joined, nothing, proposal, quoted } from '../dependencies/dependency-proposal.js'
import { installedFolder, projectManifests, sceneOf } from '../dependencies/dependency-project.js'
import { likeness } from './near-path.js'
import { detail, type ConfigurationQuestion } from './question.js'
import { readSettings } from './settings-text.js'

/** Top-level members of a manifest whose name is a slip for one that npm, Node or a usual tool reads, and that is not there. */
export function repairFieldNames(question: ConfigurationQuestion): RepairAnswer {
  return joined(...projectManifests(question.workspace).map((manifest) => repairManifest(question, manifest)))
}

/** What a field has to be. */
type Shape = 'object' | 'text' | 'list' | 'any'

const fields: ReadonlyMap<string, Shape> = new Map<string, Shape>([
  ...shaped('object', 'dependencies devDependencies peerDependencies optionalDependencies scripts engines peerDependenciesMeta'),
  ...shaped(
    'object',
    'overrides resolutions imports publishConfig directories config typesVersions pnpm jest ava nyc babel volta',
  ),
  ...shaped('text', 'name version main module types typings type license description packageManager homepage unpkg'),
  ...shaped('list', 'files keywords bundleDependencies os cpu'),
  ...shaped('any', 'exports bin browser workspaces private repository author bugs funding sideEffects man'),
  ...shaped('any', 'eslintConfig prettier browserslist mocha husky lint-staged tap xo c8 standard release size-limit tsup'),
])

function shaped(shape: Shape, names: string): [string, Shape][] {
  return names.split(' ').map((name) => [name, shape])
}

/** Names that look like a slip and are none. */
const ownNames: ReadonlySet<string> = new Set([
  'contributors',
  'maintainers',
  'typing',
  'icon',
  'icons',
  'tags',
  'style',
  'sass',
  'bit',
])
const packageFields = /[dD]ependencies$/

function repairManifest(question: ConfigurationQuestion, manifest: Manifest): RepairAnswer {
  const { workspace, fault } = question
  const settings = readSettings(manifest.text)
  const proposals = Object.entries(manifest.json)
    .filter(([name]) => !fields.has(name) && !ownNames.has(name) && !name.startsWith('//'))
    .flatMap(([name, value]) => {
      const [meant] = [...fields]
        .filter(([field, shape]) => !Object.hasOwn(manifest.json, field) && fits(value, shape))
        .map(([field]) => ({ field, plausibility: fieldLikeness(name, field) }))
        .filter(({ plausibility }) => plausibility > 0)
        .sort((a, b) => b.plausibility - a.plausibility)
      const after = meant === undefined ? undefined : settings?.withName([name], meant.field)
      if (meant === undefined || after === undefined || !needs(question, manifest, meant.field, value)) return []
      const isMissing =
        packageFields.test(meant.field) &&
        Object.keys(objectOf(value) ?? {}).some((one) => installedFolder(workspace, manifest.folder, one) === undefined)
      if (isMissing && question.installs === 'never') return []
      return [
        proposal({
          title: `Rename ${quoted(name)} to ${quoted(meant.field)} in ${manifest.path}`,
          edits: [changedFile(manifest.path, manifest.text, after)],
          ...(isMissing && { actions: [installAction(sceneOf(workspace, manifest.folder), [])] }),
          plausibility: meant.plausibility,
          rationale: `Nothing reads ${quoted(name)}; ${quoted(meant.field)} is what its content is for, and it is absent.`,
        }),
      ]
    })
  const script = fault.code === 'SCRIPT_MISSING' ? detail(fault, 'name') : undefined
  if (proposals.length > 0 || script === undefined) return { proposals, notes: [] }
  const near = [...manifest.scripts.keys()].filter((name) => likeness(script, name) > 0 && name !== script)
  const hint = near.length > 0 ? ` It has ${near.map(quoted).join(' and ')}.` : ''
  return nothing(`${manifest.path} has no script ${quoted(script)}.${hint} Scripts are yours: add it, or run another.`)
}

/** "script" is a slip of "scripts", though a short one. */
function fieldLikeness(name: string, field: string): number {
  const share = likeness(name, field)
  return Math.min(name.length, field.length) < 4 ? share * 0.85 : share
}

function fits(value: unknown, shape: Shape): boolean {
  if (shape === 'any') return true
  if (shape === 'text') return typeof value === 'string'
  return shape === 'list' ? Array.isArray(value) : objectOf(value) !== undefined
}

/** Whether the fault may come of the missing field: a slip that hurts nobody is left for another day. */
function needs({ fault, said, named }: ConfigurationQuestion, { name, path }: Manifest, field: string, value: unknown): boolean {
  if (field === 'scripts')
    return fault.code === 'SCRIPT_MISSING' && Object.hasOwn(objectOf(value) ?? {}, detail(fault, 'name') ?? '')
  if (packageFields.test(field)) {
    const names = Object.keys(objectOf(value) ?? {})
    const isAbout = names.some((one) => named.some((text) => text === one || text.startsWith(`${one}/`)) || said.includes(one))
    return isAbout || /LOCKFILE|OUT_OF_STEP|COMMAND_NOT_FOUND|NOT_DECLARED/.test(fault.code)
  }
  if (fault.category === 'configuration' || fault.category === 'dependency' || said.includes(path)) return true
  return (name !== undefined && said.includes(name)) || /module|import|export|require|config/i.test(said)
}
