import type { Recipe } from '../../core/experience.js'
import { pathProblem } from '../../core/path.js'
import type { FileEdit } from '../../core/patch.js'
import type { Workspace } from '../../core/ports.js'
import type { Proposal, RepairRequest } from '../../core/repairer.js'
import type { Prediction } from '../../memory/knowledge/prediction.js'
import { installDeclared, installUndeclared, isDeclared } from '../dependencies/dependency-install.js'
import { sceneOf } from '../dependencies/dependency-project.js'
import { changedFile, proposal, quoted } from '../dependencies/dependency-proposal.js'
import { folderOf } from '../imports/import-path.js'
import { bindingsOf, filled, type Bindings } from './bindings.js'
import { withBlock } from './block-recipe.js'
import { replaced } from './replace-recipe.js'

/** What worked before, made for this fault; `undefined` where it does not fit exactly. */
export function proposalOf(prediction: Prediction, request: RepairRequest): Proposal | undefined {
  const { recipe } = prediction
  if (recipe === undefined) return undefined
  const scene: Scene = { prediction, request, bindings: bindingsOf(request.fault, request.workspace) }
  switch (recipe.kind) {
    case 'replace':
    case 'blocks': {
      const edits = editsOf(recipe, scene)
      return edits === undefined ? undefined : edited(edits, scene)
    }
    case 'install':
      return install(recipe, scene)
    case 'chmod':
      return chmod(recipe, scene)
  }
}

interface Scene {
  readonly prediction: Prediction
  readonly request: RepairRequest
  readonly bindings: Bindings
}

function editsOf(
  recipe: Extract<Recipe, { kind: 'replace' | 'blocks' }>,
  { prediction, request: { workspace, fault }, bindings }: Scene,
): readonly FileEdit[] | undefined {
  if (recipe.kind === 'replace') {
    const edit = editOf(workspace, filled(recipe.file, bindings), (text) =>
      replaced(recipe, text, { bindings, location: fault.location }),
    )
    return edit === undefined ? undefined : [edit]
  }
  // Whole lines say nothing of the names in another fault, and may stand there just as well where nothing is wrong with them.
  if (!prediction.fingerprints.includes(fault.fingerprint)) return undefined
  const edits = recipe.edits.flatMap((block) => editOf(workspace, block.path, (text) => withBlock(text, block)) ?? [])
  const isWhole = edits.length === recipe.edits.length && new Set(edits.map(({ path }) => path)).size === edits.length
  return isWhole ? edits : undefined
}

/** A recipe comes from a file that anyone may have written: its path is checked like any other. */
function editOf(
  workspace: Workspace,
  path: string | undefined,
  change: (text: string) => string | undefined,
): FileEdit | undefined {
  if (path === undefined || pathProblem(path) !== undefined || /(?:^|\/)node_modules\//.test(path)) return undefined
  const before = workspace.read(path)
  const after = before === undefined ? undefined : change(before)
  return before === undefined || after === undefined || after === before ? undefined : changedFile(path, before, after)
}

function edited(edits: readonly FileEdit[], { prediction }: Scene): Proposal {
  const paths = edits.map(({ path }) => path)
  return proposal({
    title: `Repair ${paths.slice(0, 2).join(' and ')}${paths.length > 2 ? ` and ${paths.length - 2} more` : ''} as before`,
    edits,
    plausibility: plausibilityOf(prediction),
    rationale: rationaleOf(prediction),
  })
}

/**
 * Brings in what the project itself names. A stranger is brought in only for the very fault that it healed before: for
 * another name the dependency repairer looks first whether it is misspelt.
 */
function install(
  { packages }: Extract<Recipe, { kind: 'install' }>,
  { prediction, request: { workspace, installs, fault }, bindings }: Scene,
): Proposal | undefined {
  const importer = bindings.get('importer') ?? bindings.get('file')
  const scene = sceneOf(workspace, importer === undefined ? '' : folderOf(importer))
  const wish = {
    scene,
    installs,
    plausibility: plausibilityOf(prediction),
    rationale: rationaleOf(prediction),
    name: bindings.get('package') ?? 'a package',
  }
  const [first, ...others] = packages
  if (first === undefined) {
    const title = 'Install the declared packages, as before'
    return scene.manifest === undefined ? undefined : installDeclared({ ...wish, title }).proposals[0]
  }
  const name = filled(first.name, bindings)
  if (name === undefined || others.length > 0) return undefined
  if (isDeclared(scene, name)) return installDeclared({ ...wish, name }).proposals[0]
  if (!prediction.fingerprints.includes(fault.fingerprint)) return undefined
  return installUndeclared({ ...wish, name }, { dev: first.dev }).proposals[0]
}

/** Gives the right to run, to those who may read, to a file of the project. No other right is given however often it helped. */
function chmod(
  { path: template, add }: Extract<Recipe, { kind: 'chmod' }>,
  { prediction, request: { workspace }, bindings }: Scene,
): Proposal | undefined {
  const path = filled(template, bindings)
  if (path === undefined || pathProblem(path) !== undefined || /(?:^|\/)node_modules\//.test(path)) return undefined
  const stat = workspace.stat(path)
  if (stat?.kind !== 'file' || workspace.read(path)?.startsWith('#!') !== true) return undefined
  const mode = stat.mode | (add & 0o111 & ((stat.mode & 0o444) >> 2))
  if (mode === stat.mode) return undefined
  return proposal({
    title: `Make ${quoted(path)} executable, as before`,
    actions: [{ kind: 'chmod', path, modeBefore: stat.mode, mode }],
    plausibility: plausibilityOf(prediction),
    rationale: rationaleOf(prediction),
  })
}

/** At a similar class the rate is that of other faults: it says less about this one. */
function plausibilityOf({ probability, confidence, similarity }: Prediction): number {
  return Math.min(probability, confidence.probability) * similarity
}

function rationaleOf({ strategy, worked, failed, match }: Prediction): string {
  const faults = match === 'exact' ? 'faults of this class' : 'faults like this one'
  return `The same repair, first made by "${strategy}", worked in ${worked} of ${worked + failed} attempts at ${faults}.`
}
