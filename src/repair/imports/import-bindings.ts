import type { Workspace } from '../../core/ports.js'
import { packageOfSpecifier } from '../../security/package-names.js'
import { asNode, asNodes, nodesOf, textOf } from '../code/syntax-node.js'
import { type ModuleLiteral, moduleLiterals, parseSource } from './import-literals.js'

/** A name in a file that stands for an installed package or for something taken from it. */
export interface PackageBinding {
  readonly path: string
  readonly literal: ModuleLiteral
  readonly package: string
  /** What is taken from the package; `undefined`: the package as a whole. */
  readonly imported: string | undefined
}

const filesMax = 500

/** What `name` stands for where it comes from a package: `cents`, or `money.cents` with the package bound to `money`. */
export function packageBindings(workspace: Workspace, name: string, paths: readonly string[]): readonly PackageBinding[] {
  const match = /^([\p{ID_Start}$_][\p{ID_Continue}$]{0,99})(?:\.([\p{ID_Start}$_][\p{ID_Continue}$]{0,99}))?$/u.exec(name)
  const local = match?.[1]
  if (local === undefined) return []
  return paths
    .filter((path) => /\.(?:[cm]?[jt]s|[jt]sx)$/.test(path))
    .slice(0, filesMax)
    .flatMap((path) => {
      const text = workspace.read(path)
      return text?.includes(local) === true ? bindingsIn(text, path, { local, member: match?.[2] }) : []
    })
}

function bindingsIn(
  text: string,
  path: string,
  { local, member }: { readonly local: string; readonly member: string | undefined },
): readonly PackageBinding[] {
  const whole = wholeAt(text, path, local)
  return moduleLiterals(text, path).flatMap((literal): readonly PackageBinding[] => {
    const name = packageOfSpecifier(literal.specifier)
    if (name === undefined) return []
    const taken = literal.names.find((one) => one.local === local && one.imported !== 'default')
    if (taken !== undefined && member === undefined) return [{ path, literal, package: name, imported: taken.imported }]
    if (whole === undefined || literal.start < whole.place.start || literal.end > whole.place.end) return []
    if (whole.taken !== undefined && member !== undefined) return []
    return [{ path, literal, package: name, imported: whole.taken ?? member }]
  })
}

interface Whole {
  /** Of the import or the call. */
  readonly place: { readonly start: number; readonly end: number }
  /** What is taken from it at once: `a` of `require(…).a`. */
  readonly taken: string | undefined
}

/** Where a name is bound to a module as a whole: `const a = require(…)`, `import a from …`, `import * as a from …`. */
function wholeAt(text: string, path: string, local: string): Whole | undefined {
  const tree = parseSource(text, path)
  if (tree === undefined) return undefined
  for (const node of nodesOf(tree)) {
    if (node.type === 'VariableDeclarator' && textOf(node['id']) === local) {
      const init = asNode(node['init'])
      const taken = init?.type === 'MemberExpression' && init['computed'] !== true ? textOf(init['property']) : undefined
      const call = taken === undefined ? init : asNode(init?.['object'])
      if (call?.type === 'CallExpression' && textOf(call['callee']) === 'require') return { place: call, taken }
    }
    const bound = node.type === 'ImportDeclaration' ? asNodes(node['specifiers']) : []
    if (bound.some((one) => one.type !== 'ImportSpecifier' && textOf(one['local']) === local))
      return { place: node, taken: undefined }
  }
  return undefined
}
