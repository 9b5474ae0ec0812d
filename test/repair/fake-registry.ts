import { sha256 } from '../../src/core/hash.js'
import type { CommandResult } from '../../src/core/ports.js'
import type { Rehearse } from '../../src/core/repairer.js'
import { satisfies } from '../../src/repair/dependencies/version-range.js'

/** What a version of a package says of itself. */
interface Published {
  readonly engines?: { readonly node: string }
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly deprecated?: string
  readonly 'scripts.postinstall'?: string
}

export type Shelf = Readonly<Record<string, Readonly<Record<string, Published>>>>

/**
 * A `rehearse` that answers `npm view` and `npm install --dry-run` for a project of one manifest as npm 11 prints it, and keeps
 * what it was asked.
 */
export function fakeRegistry(
  shelf: Shelf,
  manifest: string,
  { nodeVersion = '24.1.0', isLenient = false } = {},
): { rehearse: Rehearse; asked: string[] } {
  const asked: string[] = []
  const rehearse: Rehearse = (command, { edits = [] } = {}) => {
    asked.push(command.join(' '))
    for (const { before, baseHash } of edits)
      if (before === null || baseHash !== sha256(before)) return Promise.resolve({ ran: false, spent: false, reason: 'changed' })
    const text = edits.find(({ path }) => path === 'package.json')?.after ?? manifest
    const [exitCode, output] =
      command[0] === 'node'
        ? [0, nodeVersion]
        : command[1] === 'view'
          ? viewed(shelf, command[2] ?? '')
          : installed(shelf, text, command, nodeVersion)
    const isOverridden = isLenient && output.includes('ERESOLVE')
    if (isOverridden) return Promise.resolve({ ran: true, result: resultOf(0, lenient(output)) })
    return Promise.resolve({ ran: true, result: resultOf(exitCode, output) })
  }
  return { rehearse, asked }
}

/** What npm says of a conflict where an older tree is installed. */
function lenient(output: string): string {
  return `npm warn ERESOLVE overriding peer dependency\n${output.replaceAll('npm error', 'npm warn')}\nchanged 1 package`
}

function resultOf(exitCode: number, output: string): CommandResult {
  return { ending: 'exited', exitCode, output, outputBytes: output.length, truncated: false, durationMs: 1 }
}

function viewed(shelf: Shelf, spec: string): [number, string] {
  const name = spec.slice(0, spec.lastIndexOf('@'))
  const list = Object.entries(shelf[name] ?? {}).map(([version, fields]) => ({ name, version, ...fields }))
  if (list.length === 0) return [1, '{"error":{"code":"E404"}}']
  return [0, `npm warn something\n${JSON.stringify(list.length === 1 ? list[0] : list, null, 2)}\n`]
}

function installed(shelf: Shelf, manifest: string, command: readonly string[], nodeVersion: string): [number, string] {
  const { dependencies = {} }: { dependencies?: Record<string, string> } = JSON.parse(manifest)
  const wanted = new Map(Object.entries(dependencies))
  for (const extra of command.slice(command.indexOf('--') + 1)) {
    const at = extra.lastIndexOf('@')
    if (command.includes('--')) wanted.set(at > 0 ? extra.slice(0, at) : extra, at > 0 ? extra.slice(at + 1) : '*')
  }
  const tree = new Map<string, string>()
  for (const [name, range] of wanted) {
    const versions = Object.keys(shelf[name] ?? {})
    if (versions.length === 0)
      return [
        1,
        `npm error code E404\nnpm error 404 Not Found - GET https://registry.example.com/${name} - Not found\nnpm error 404\nnpm error 404  '${name}@${range}' is not in this registry.`,
      ]
    const version = versions.findLast((candidate) => satisfies(candidate, range) === true)
    if (version === undefined)
      return [1, `npm error code ETARGET\nnpm error notarget No matching version found for ${name}@${range}.`]
    tree.set(name, version)
  }
  for (const [name, version] of tree) {
    const { peerDependencies = {}, engines } = shelf[name]?.[version] ?? {}
    for (const [peer, range] of Object.entries(peerDependencies)) {
      const found = tree.get(peer)
      if (found !== undefined && satisfies(found, range) === false)
        return [
          1,
          `npm error code ERESOLVE\nnpm error ERESOLVE unable to resolve dependency tree\nnpm error\nnpm error While resolving: shop@1.0.0\nnpm error Found: ${peer}@${found}\nnpm error\nnpm error Could not resolve dependency:\nnpm error peer ${peer}@"${range}" from ${name}@${version}`,
        ]
    }
    if (engines !== undefined && satisfies(nodeVersion, engines.node) === false)
      return [
        1,
        `npm error code EBADENGINE\nnpm error engine Unsupported engine\nnpm error engine Not compatible with your version of node/npm: ${name}@${version}\nnpm error notsup Required: {"node":"${engines.node}"}\nnpm error notsup Actual:   {"node":"v${nodeVersion}"}`,
      ]
  }
  return [0, 'added packages']
}
