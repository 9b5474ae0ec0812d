import type { Workspace } from '../../core/ports.js'
import type { RepairAnswer } from '../../core/repairer.js'
import { similarNames } from '../../core/similar-name.js'
import { changedFile, nothing, proposal, quoted } from '../dependencies/dependency-proposal.js'
import { manifestAbove, objectOf } from '../dependencies/dependency-manifest.js'
import { isPlainSpecifier, replaceLiterals } from './import-literals.js'
import { folderOf, foldersUp, inFolder } from './import-path.js'
import { usesOf } from './import-uses.js'

export interface AliasQuestion {
  readonly specifier: string
  /** A file of the project, if it is known. */
  readonly importer: string | undefined
}

/**
 * What can be done about an import by another name: `#name` of the manifest's `imports`, or a name that `paths` of the
 * compiler's settings explain. `undefined` when it is neither.
 */
export function repairAlias(workspace: Workspace, { specifier, importer }: AliasQuestion): RepairAnswer | undefined {
  const folder = folderOf(importer ?? '')
  if (specifier.startsWith('#')) return repairInternal(workspace, specifier, importer)
  const alias = pathAlias(workspace, folder, specifier)
  if (alias === undefined && !/^(?:@|~|\$\w*)\//.test(specifier)) return undefined
  const source =
    alias === undefined ? 'no settings of the compiler explain it' : `${alias.path} explains it by ${quoted(alias.pattern)}`
  return nothing(
    `${importer ?? 'A file'} imports ${quoted(specifier)} by an alias: ${source}. Check that the file exists, and that the tool that runs the code knows the alias too.`,
  )
}

/** A name from "imports" that is nearly the one that was written. */
function repairInternal(workspace: Workspace, specifier: string, importer: string | undefined): RepairAnswer {
  const manifest = manifestAbove(workspace, folderOf(importer ?? ''))
  const names = Object.keys(objectOf(manifest?.json['imports']) ?? {})
  const uses = usesOf(workspace, { importer, hint: specifier, isMeant: (candidate) => candidate === specifier })
  const [first] = uses
  const near =
    first === undefined
      ? []
      : similarNames(
          specifier,
          names.filter((name) => !name.includes('*') && name !== specifier && isPlainSpecifier(name)),
          3,
        )
  if (first === undefined || near.length === 0)
    return nothing(
      `${quoted(specifier)} is not among "imports" of ${manifest?.path ?? 'package.json'}. Add it there, or correct the import.`,
    )
  return {
    proposals: near.map((name, index) =>
      proposal({
        title: `Import ${quoted(name)} instead of ${quoted(specifier)} in ${first.path}`,
        edits: uses.map(({ path, text, literals }) =>
          changedFile(
            path,
            text,
            replaceLiterals(
              text,
              literals.map((literal) => ({ literal, specifier: name })),
            ),
          ),
        ),
        plausibility: 0.9 - index * 0.15,
        rationale: `"imports" of ${manifest?.path ?? 'package.json'} has ${quoted(name)} and no ${quoted(specifier)}.`,
      }),
    ),
    notes: [],
  }
}

/** The pattern of `paths` that a specifier fits, in the nearest settings that have any. */
function pathAlias(
  workspace: Workspace,
  folder: string,
  specifier: string,
): { readonly path: string; readonly pattern: string } | undefined {
  for (const place of foldersUp(folder)) {
    for (const name of ['tsconfig.json', 'jsconfig.json']) {
      const path = inFolder(place, name)
      const block = /"paths"\s{0,20}:\s{0,20}\{([^{}]{0,20000})\}/.exec(workspace.read(path) ?? '')?.[1]
      const patterns = [...(block ?? '').matchAll(/"([^"\n]{1,200})"\s{0,20}:/g)].flatMap((match) => match[1] ?? [])
      const pattern = patterns.find((candidate) => fits(specifier, candidate))
      if (pattern !== undefined) return { path, pattern }
    }
  }
  return undefined
}

function fits(specifier: string, pattern: string): boolean {
  const [head = '', tail] = pattern.split('*')
  return tail === undefined
    ? specifier === pattern
    : head + tail !== '' &&
        specifier.length >= head.length + tail.length &&
        specifier.startsWith(head) &&
        specifier.endsWith(tail)
}
