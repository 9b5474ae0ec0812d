import type { Proposal, RepairAnswer, RepairRequest } from '../../core/repairer.js'
import { packageNameDoubts } from '../../security/package-names.js'
import { popularPackages } from '../../security/popular-packages.js'
import { installAction, installDeclared, installUndeclared, isDeclared } from './dependency-install.js'
import { damageOf, reinstall } from './dependency-damage.js'
import { correction, misdeclared } from './dependency-misdeclared.js'
import { nearNames } from './dependency-near.js'
import { changedFile, joined, nothing, proposal, quoted } from './dependency-proposal.js'
import { installedFolder, type PackageScene } from './dependency-project.js'
import { meantBuiltins, withoutScheme } from '../imports/import-builtin.js'
import { isPlainSpecifier, replaceLiterals } from '../imports/import-literals.js'
import { folderOf, isForDevelopment } from '../imports/import-path.js'
import { meantSubpaths } from '../imports/import-subpath.js'
import { usesOf } from '../imports/import-uses.js'

export interface BareQuestion {
  readonly scene: PackageScene
  readonly installs: RepairRequest['installs']
  /** As imported: `lodash/fp`. */
  readonly specifier: string
  /** The package of it: `lodash`. */
  readonly name: string
  /** A file of the project, if it is known. */
  readonly importer: string | undefined
  readonly isExact: boolean
}

/**
 * Ways to heal the import of a package that is not found: bring it in when the project names it, else point the import to the
 * package or built-in module that was meant, else add it as far as the policy goes.
 */
export function repairBare(question: BareQuestion): RepairAnswer {
  const { scene, name, importer } = question
  const from = folderOf(importer ?? '')
  if (scene.manifest?.name === name)
    return nothing(
      `${importer ?? 'A file'} imports ${quoted(question.specifier)} from its own package. Check "exports" in ${scene.manifest.path}.`,
    )
  if (withoutScheme(question.specifier) !== question.specifier) return repairScheme(question)
  const folder = installedFolder(scene.workspace, from, name)
  if (folder !== undefined) return repairInstalled(question, folder)
  const by = importer ?? 'A file'
  if (isDeclared(scene, name)) return repairDeclared(question, by)
  // A popular name is no misspelling of another one. Any other that is nearly one at hand is not installed: the import is
  // wrong, or someone hopes that it is.
  const respellings = popularPackages.has(name) ? nothing() : joined(misspellings(question), builtins(question))
  const isMisspelt = respellings.proposals.length > 0
  const rationale = `${by} imports ${quoted(name)}, which no manifest names.`
  const wish = { scene, installs: question.installs, name, plausibility: 0.7, rationale }
  return joined(
    respellings,
    corrections(question),
    isMisspelt ? nothing() : installUndeclared(wish, { dev: importer !== undefined && isForDevelopment(importer) }),
  )
}

/** `node:` names modules of Node only: another one was meant, or a package that needs no prefix. */
function repairScheme(question: BareQuestion): RepairAnswer {
  const { scene, name, specifier, importer } = question
  const isPackage = scene.installed.has(name) || isDeclared(scene, name)
  const packaged = isPackage
    ? respelt(question, specifier, withoutScheme(specifier), {
        plausibility: 0.94,
        rationale: `${quoted(name)} is a package of the project and no module of Node.`,
      })
    : nothing()
  const answer = joined(builtins(question), packaged)
  return answer.proposals.length > 0
    ? answer
    : nothing(`${importer ?? 'A file'} imports ${quoted(specifier)}, and Node has no module nearly of that name.`)
}

function repairDeclared(question: BareQuestion, by: string): RepairAnswer {
  const { scene, installs, name } = question
  const { declared, lockfile, manifest, manager } = scene
  const range = declared.get(name)?.range
  const isLocked = lockfile.versions.has(name)
  const doubts = isLocked || manager.lockfile === undefined ? [] : packageNameDoubts(name, { known: lockfile.versions.keys() })
  if (doubts.length > 0)
    return nothing(
      `${by} imports ${quoted(name)}, which a manifest declares and ${manager.lockfile ?? 'the lockfile'} does not know. Do not install it without looking at it: ${doubts.join(' ')}`,
    )
  const wrong = misdeclared(scene, installs)
  if (wrong !== undefined) return wrong
  if (range !== undefined)
    return installDeclared({
      scene,
      installs,
      name,
      plausibility: 0.95,
      rationale: `${by} imports ${quoted(name)}, which is declared as ${quoted(range)} and not installed.`,
    })
  // The lockfile names it for another package, or for a manifest that was changed since.
  const rationale = `${by} imports ${quoted(name)}, which ${manager.lockfile ?? 'the lockfile'} names and ${manifest?.path ?? 'no manifest'} does not.`
  const dev = question.importer !== undefined && isForDevelopment(question.importer)
  return joined(corrections(question), installUndeclared({ scene, installs, name, plausibility: 0.78, rationale }, { dev }))
}

/** The package is there: another path in it was meant, or it is damaged. */
function repairInstalled(question: BareQuestion, folder: string): RepairAnswer {
  const { scene, installs, name, specifier, importer, isExact } = question
  const why = damageOf(scene.workspace, folder)
  const again = why === undefined ? undefined : reinstall(scene.workspace, installs, { name, why, plausibility: 0.93 })
  if (again !== undefined && specifier === name) return again
  if (specifier !== name) {
    const uses = usesOf(scene.workspace, { importer, hint: specifier, isMeant: (candidate) => candidate === specifier })
    const taken = uses.flatMap(({ literals }) => literals.flatMap(({ names }) => names.map(({ imported }) => imported)))
    const asking = uses.some(({ literals }) => literals.some(({ form }) => form === 'require')) ? 'require' : 'import'
    const meant = meantSubpaths(scene.workspace, { folder, name, specifier, isExact, names: taken, asking })
    const answers = meant.map((subpath) =>
      respelt(question, specifier, subpath.specifier, {
        plausibility: subpath.plausibility,
        rationale: `${name} is installed and offers ${subpath.specifier}.`,
      }),
    )
    if (answers.some(({ proposals }) => proposals.length > 0)) return joined(...answers)
    if (again !== undefined) return again
    return nothing(
      `${importer ?? 'An import'} asks for ${quoted(specifier)}, which the installed ${quoted(name)} does not offer. Compare its version with the one you mean to use.`,
    )
  }
  const rationale = `${quoted(name)} is in ${folder} and yet not found: files of it are missing, or it offers nothing to this kind of import.`
  return isDeclared(scene, name)
    ? installDeclared({ scene, installs, name, plausibility: 0.5, rationale })
    : nothing(`${rationale} Install it again, or look at "exports" in ${folder}/package.json.`)
}

/** Imports pointed to a declared or installed package of nearly that name; or the manifest's name corrected, if it is the wrong one. */
function misspellings(question: BareQuestion): RepairAnswer {
  const { scene, name } = question
  const own = new Set([...scene.declared.keys(), ...scene.installed])
  const answers = [...nearNames(name, own)].map((near): RepairAnswer => {
    const isInstalled = scene.installed.has(near.name)
    const isOwn = scene.declared.has(near.name)
    // Among the thousands that others brought along, only a long name that is nearly the same says anything.
    if (!isOwn && near.plausibility < 0.8) return nothing()
    const how = isOwn ? 'declares' : 'has installed, though it does not declare,'
    const rationale = `The project ${how} ${quoted(near.name)} and nothing by the name of ${quoted(name)}.`
    const answer = respelt(question, name, near.name, {
      plausibility:
        near.plausibility * (isOwn ? 1 : 0.8) * (isInstalled ? 1 : scene.lockfile.versions.has(near.name) ? 0.95 : 0.88),
      rationale,
    })
    return isInstalled ? answer : withInstall(question, answer)
  })
  return joined(...answers)
}

function corrections(question: BareQuestion): RepairAnswer {
  const { scene, name } = question
  return joined(
    ...[...nearNames(name, new Set(scene.manifest?.declared.keys()))]
      .filter((near) => !scene.installed.has(near.name))
      .map((near) => correction(question.scene, question.installs, { name, near })),
  )
}

function withInstall({ scene, installs }: BareQuestion, answer: RepairAnswer): RepairAnswer {
  if (installs === 'never')
    return nothing(
      ...answer.proposals.map(({ title }) => `${title}, and install what the manifest declares; the policy allows no installs.`),
    )
  return {
    ...answer,
    proposals: answer.proposals.map((candidate): Proposal => ({ ...candidate, actions: [installAction(scene, [])] })),
  }
}

function builtins(question: BareQuestion): RepairAnswer {
  const meant = meantBuiltins(question.specifier)
  return joined(
    ...meant.map(({ specifier, plausibility }) =>
      respelt(question, question.specifier, specifier, {
        plausibility,
        rationale: `Node has a built-in module ${quoted(specifier)}.`,
      }),
    ),
  )
}

/** Every import of `from`, and for a package of what is in it, changed to `to`; nothing when no literal import is found. */
function respelt(
  { scene, name, importer }: BareQuestion,
  from: string,
  to: string,
  { plausibility, rationale }: Pick<Proposal, 'plausibility' | 'rationale'>,
): RepairAnswer {
  const isMeant = (specifier: string): boolean => specifier === from || (from === name && specifier.startsWith(`${from}/`))
  const uses = isPlainSpecifier(from) && isPlainSpecifier(to) ? usesOf(scene.workspace, { importer, hint: from, isMeant }) : []
  const [first] = uses
  if (first === undefined) return nothing()
  const edits = uses.map(({ path, text, literals }) =>
    changedFile(
      path,
      text,
      replaceLiterals(
        text,
        literals.map((literal) => ({ literal, specifier: to + literal.specifier.slice(from.length) })),
      ),
    ),
  )
  const places = uses.length === 1 ? first.path : `${first.path} and ${uses.length - 1} more`
  return {
    proposals: [
      proposal({ title: `Import ${quoted(to)} instead of ${quoted(from)} in ${places}`, edits, plausibility, rationale }),
    ],
    notes: [],
  }
}
