import type { Node } from '../compiler.js'
import type { Scene, Idea } from '../scene.js'

/** Something that may be missing: reached by `?.`, given a default that the code uses elsewhere, or asked about first as elsewhere. */
export function* nullish({ ts, checker, files, file, node: spanned, code, message, tools }: Scene): Iterable<Idea> {
  if (!/undefined|null/.test(message)) return
  // The compiler points at the name of a variable and at a whole `return`; what may be missing is their value.
  const { initializer, expression } = (ts.isReturnStatement(spanned) ? spanned : spanned.parent) as {
    readonly initializer?: Node
    readonly expression?: Node
  } // Many nodes have one.
  const node = (ts.isReturnStatement(spanned) ? expression : ts.isIdentifier(spanned) ? initializer : undefined) ?? spanned
  const isAccess = (at: Node): at is Node & { readonly expression: Node; readonly questionDotToken?: Node } =>
    ts.isPropertyAccessExpression(at) || ts.isElementAccessExpression(at) || ts.isCallExpression(at)
  const { parent } = node
  if (isAccess(parent) && parent.expression === node && parent.questionDotToken === undefined) {
    const dot = file.text.slice(node.end, parent.end)
    if (dot.startsWith('.') || dot.startsWith('[') || dot.startsWith('(')) {
      const text = dot.startsWith('.') ? '?' : '?.'
      const changes = [tools.inserted(node, node.end, text)]
      yield {
        kind: 'optional chain',
        title: `Reach ${node.getText()} by ?.`,
        changes,
        prior: chains() ? 0.9 : ts.isIdentifier(node) ? 0.7 : 0.8,
      }
    }
  }
  yield* defaults()
  yield* guards()

  function chains(): boolean {
    return file.text.includes(`${node.getText()}?.`)
  }

  /** `?? x`, where the project writes that of the same thing. */
  function* defaults(): Iterable<Idea> {
    const text = node.getText()
    const values = new Set<string>()
    for (const { text: source } of files)
      for (let at = source.indexOf(`${text} ?? `); at !== -1 && values.size < 4; at = source.indexOf(`${text} ?? `, at + 1)) {
        const value = /^(?:[\w$.]{1,60}|'[^'\n]{0,40}'|"[^"\n]{0,40}"|\[\]|\{\})/.exec(source.slice(at + text.length + 4))?.[0]
        if (value !== undefined) values.add(value)
      }
    for (const value of values) {
      const isInner = isAccess(parent) && parent.expression === node
      const changes = [tools.replaced(node, isInner ? `(${text} ?? ${value})` : `${text} ?? ${value}`)]
      yield { kind: 'default', title: `Fall back to ${value} for ${text}`, changes, prior: 0.45 }
    }
    // Nothing at all, where an object or a list is asked for: the compiler says which of them goes.
    if ((code === 2345 || code === 2322) && /'undefined' is not assignable/.test(message))
      for (const value of ['{}', '[]'].filter((one) => !values.has(one))) {
        const changes = [tools.replaced(node, `${text} ?? ${value}`)]
        yield { kind: 'empty default', title: `Fall back to ${value} for ${text}`.slice(0, 110), changes, prior: 0.35 }
      }
  }

  /** A guard of the same shape as one that the same file has: which of them is meant, nobody can know. */
  function* guards(): Iterable<Idea> {
    if (code === 2322 || code === 2345) return
    const root = tools.below(node, ts.isIdentifier)[0]?.text
    const owner = tools.above(node, (at): at is Node => at.parent !== undefined && ts.isBlock(at.parent))
    if (root === undefined || owner === undefined) return
    const type = checker.getTypeAtLocation(node)
    if (!tools.isMissing(type)) return
    const found = new RegExp(
      `\\n[\\t ]*(if \\((?:!|)${escaped(node.getText())}(?: ===? (?:undefined|null))?\\) (?:return|continue|break|throw)[^\\n;{}]{0,80};?)\\n`,
    ).exec(file.text)?.[1]
    if (found === undefined) return
    const indent = /[\t ]*$/.exec(file.text.slice(0, owner.getStart()))?.[0] ?? ''
    const changes = [tools.inserted(owner, owner.getStart(), `${found}\n${indent}`)]
    yield { kind: 'guard', title: `Ask about ${node.getText()} first, as elsewhere`, changes, prior: 0.3 }
  }
  function escaped(text: string): string {
    return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  }
}
