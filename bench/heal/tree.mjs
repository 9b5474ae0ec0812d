import { parse } from '@babel/parser'

/** The syntax tree of a file, with its tokens. @throws {SyntaxError} when it has none. */
export function treeOf(text, path) {
  const plugins = /\.[cm]?tsx?$/.test(path) ? ['typescript', 'decorators'] : ['decorators']
  if (/x$/.test(path) || path.endsWith('.js')) plugins.push('jsx')
  return parse(text, { sourceType: 'unambiguous', allowReturnOutsideFunction: true, tokens: true, plugins })
}

export function parses(text, path) {
  try {
    if (path.endsWith('.json')) JSON.parse(text)
    else treeOf(text, path)
    return true
  } catch {
    return false
  }
}

/** Visits every node that runs, its parent, and the name it has there. Types are left out. */
export function walk(node, visit, parent, key) {
  if (typeof node?.type !== 'string' || (node.type.startsWith('TS') && !/^TS(?:As|NonNull|Satisfies)/.test(node.type))) return
  visit(node, parent, key)
  for (const [name, child] of Object.entries(node)) {
    if (['loc', 'extra', 'tokens', 'errors'].includes(name) || name.endsWith('omments')) continue
    for (const each of Array.isArray(child) ? child : [child]) if (typeof each?.type === 'string') walk(each, visit, node, name)
  }
}
