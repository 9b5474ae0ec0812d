import type { Node, Place } from './script-tree.js'

export const factKinds = [
  /** `throw`, and calls of `reject` and `assert` outside tests. */
  'refusal',
  /** An `if` without `else` that leaves: returns, throws, continues. */
  'guard',
  /** A guard that leaves with nothing, with no, or with an error. */
  'refusing-guard',
  /** A part of a condition that leads to a `throw`. */
  'refusal-clause',
  /** A part of a condition that is about rights, validity or limits. */
  'sensitive-clause',
  /** A call that validates, escapes, verifies or authorises. */
  'protection',
  /** A condition that is always the same: `if (true)`, `ok || true`. */
  'tautology',
  'strict-comparison',
  'loose-comparison',
  'try',
  /** A `catch` that does nothing, or a rejection that nobody hears. */
  'swallow',
  /** A `catch` that only answers with a constant. */
  'soft-swallow',
  'assertion',
  'weak-assertion',
  /** An assertion that cannot fail. */
  'empty-assertion',
  'test',
  /** Code from text: `eval`, `Function`, also by computed names. */
  'code-from-text',
  /** A module whose name is computed. */
  'computed-import',
  'endless-loop',
  /** A literal that is returned for one literal input: `if (parameter === 'literal') return 'literal'`, and what means the same. */
  'canned-answer',
  /** The condition of an `if` that does not leave. */
  'condition',
  /** A function whose whole body returns a constant, or is empty. */
  'constant-function',
  'function',
  /** What stands behind a `return` or `throw` of the same block. */
  'unreachable',
  /** A `return` of a literal that says something; `computed-return`: of anything that is not a literal. */
  'constant-return',
  'computed-return',
  /** A statement that waits for a call; `floating-call`: one that only makes it. */
  'awaited-call',
  'floating-call',
  /** An assertion inside a `try` whose `catch` is empty. */
  'swallowed-assertion',
  /** A limit in a schema: `.max(100)` of a chain that begins with `z`, `yup` or `Joi`. */
  'constraint',
  /** An option that protects and is not switched off: `httpOnly: true`, `algorithms: [...]`. */
  'safety-option',
  /** A literal regular expression. */
  'regex',
  /** `.catch(...)`, and a listener of `error`. */
  'error-handler',
  /** A value of a request that is used as a path, an address, a command, a query or a page. */
  'tainted-sink',
  /** Writes into the prototype of everybody, or copies keys by recursion without a look at `__proto__`. */
  'prototype-write',
  /** The literal that names a module: of an `import`, an `export … from`, a `require`. */
  'module-reference',
  /** The literal path that a call reads a file by, relative to the working folder; `own-file-reference`: to the file it stands in. */
  'file-reference',
  'own-file-reference',
] as const
export type FactKind = (typeof factKinds)[number]

/** Something that the code of one side does, and where. */
export interface Fact {
  readonly kind: FactKind
  /** Equal for equal doings: the text, white space squeezed. */
  readonly key: string
  /** The names of the functions and classes around it, joined by dots, a function's own name included; `''` at the top. */
  readonly scope: string
  readonly start: number
  readonly end: number
}

/** Records a fact about a node, or about the place that is looked at. */
export type See = (kind: FactKind, node?: Node) => void
/** The text of a node. */
export type TextIn = (node: Node) => string
/** Looks at one node and records what it says. */
export type Detector = (place: Place, see: See, textIn: TextIn) => void

/** Blanks and line ends squeezed to one blank; at most 300 characters. */
export function squeezed(text: string): string {
  return text.slice(0, 600).replace(/\s+/g, ' ').trim().slice(0, 300)
}
