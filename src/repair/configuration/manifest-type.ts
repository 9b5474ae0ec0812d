import type { Workspace } from '../../core/ports.js'
import type { RepairAnswer } from '../../core/repairer.js'
import { changedFile, joined, nothing, proposal } from '../dependencies/dependency-proposal.js'
import { type Manifest, manifestAbove } from '../dependencies/dependency-manifest.js'
import { projectManifests } from '../dependencies/dependency-project.js'
import { nodesOf, textOf, asNode } from '../code/syntax-node.js'
import { parseSource } from '../imports/import-literals.js'
import { folderOf } from '../imports/import-path.js'
import type { ConfigurationQuestion } from './question.js'
import { readSettings } from './settings-text.js'

type ModuleKind = 'module' | 'commonjs'

/**
 * A manifest's `type` that says something else than all files that depend on it are written as, or that is no type at all.
 * The files are the evidence: where they disagree, nothing is proposed.
 */
export function repairPackageType(question: ConfigurationQuestion): RepairAnswer {
  const manifests = projectManifests(question.workspace)
  const invalid = manifests.filter(({ json }) => json['type'] !== undefined && !isKind(json['type']))
  const suspects = invalid.length > 0 ? invalid : isAboutKinds(question) ? manifests : []
  return joined(...suspects.slice(0, manifestsMax).map((manifest) => repairManifest(question.workspace, manifest)))
}

const manifestsMax = 10
const filesMax = 300

function isKind(value: unknown): value is ModuleKind {
  return value === 'module' || value === 'commonjs'
}

/** The ways in which Node and tools on top of it say that a file is of the other kind. */
function isAboutKinds({ fault, said }: ConfigurationQuestion): boolean {
  return (
    /^(?:ESM_IN_COMMONJS|COMMONJS_IN_ESM|ERR_REQUIRE_ESM|ERR_REQUIRE_ASYNC_MODULE|ERR_AMBIGUOUS_MODULE_SYNTAX|TS1286|TS1287|TS1295|TS1479|TS1541|TS1542)$/.test(
      fault.code,
    ) ||
    /import statement outside a module|Unexpected token '?export|ES [Mm]odule|ESM\b|CommonJS|(?:require|module|exports|__dirname|__filename) is not defined|"type"\s?:|import\.meta|top-level await|await is only valid|does not provide an export named|is not a function|not a constructor|\.default\b/.test(
      said,
    )
  )
}

function repairManifest(workspace: Workspace, manifest: Manifest): RepairAnswer {
  const census = censusOf(workspace, manifest)
  const written = manifest.json['type']
  const needs: ModuleKind | undefined =
    census.module > 0 && census.commonjs === 0 ? 'module' : census.commonjs > 0 && census.module === 0 ? 'commonjs' : undefined
  if (needs === undefined) {
    return written === undefined || isKind(written)
      ? nothing()
      : nothing(`${manifest.path}: "type" is ${JSON.stringify(written)}; it has to be "module" or "commonjs".`)
  }
  if (written === needs || (written === undefined && needs === 'commonjs')) return nothing()
  const settings = readSettings(manifest.text)
  const after = written === undefined ? settings?.withMember([], 'type', needs) : settings?.withValue(['type'], needs)
  if (after === undefined) return nothing()
  const count = census[needs]
  return {
    proposals: [
      proposal({
        title: `Set "type": "${needs}" in ${manifest.path}`,
        edits: [changedFile(manifest.path, manifest.text, after)],
        // One file may be the one that is wrong; several that agree are not.
        plausibility: count === 1 ? 0.86 : 0.95,
        rationale: `${count === 1 ? 'The only file' : `All ${count} files`} whose kind depends on it: written as ${needs === 'module' ? 'ECMAScript modules' : 'CommonJS'}.`,
      }),
    ],
    notes: [],
  }
}

/** How many files depend on the manifest's `type`, by what they are written as. A file of both kinds counts for both. */
function censusOf(workspace: Workspace, manifest: Manifest): Record<ModuleKind, number> {
  const census: Record<ModuleKind, number> = { module: 0, commonjs: 0 }
  const owners = new Map<string, string | undefined>()
  const ownerOf = (folder: string): string | undefined => {
    if (!owners.has(folder)) owners.set(folder, manifestAbove(workspace, folder)?.path)
    return owners.get(folder)
  }
  const files = workspace.files().filter((path) => /\.jsx?$/.test(path) && ownerOf(folderOf(path)) === manifest.path)
  for (const path of files.slice(0, filesMax)) {
    const text = workspace.read(path) ?? ''
    const tree = parseSource(text, path)
    if (tree === undefined) continue
    if (tree['sourceType'] === 'module') census.module += 1
    else if (/\b(?:require|module|exports)\b/.test(text) && [...nodesOf(tree)].some(isCommonJs)) census.commonjs += 1
  }
  return census
}

/** `require('…')`, `module.exports`, `exports.name`. */
function isCommonJs(node: Parameters<typeof nodesOf>[0]): boolean {
  if (node.type === 'CallExpression') return textOf(node['callee']) === 'require' && asNode(node['callee'])?.type === 'Identifier'
  if (node.type !== 'MemberExpression') return false
  const object = asNode(node['object'])
  if (object?.type !== 'Identifier') return false
  return textOf(object) === 'exports' || (textOf(object) === 'module' && textOf(node['property']) === 'exports')
}
