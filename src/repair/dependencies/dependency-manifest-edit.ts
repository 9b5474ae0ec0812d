import { parseExpression } from '@babel/parser'
import { asNode, asNodes, type SyntaxNode, textOf } from '../code/syntax-node.js'
import { spliced } from '../imports/import-literals.js'

/**
 * A manifest text with one text member set, `['type']` or `['dependencies', 'lodash']`; all else stays byte for byte. A new
 * member comes to its place in the alphabet when its neighbours are in order, else to the end; a missing object is made.
 * `undefined` when the text is no JSON object.
 */
export function withManifestText(text: string, [first, second]: readonly [string, string?], value: string): string | undefined {
  const top = objectIn(text)
  if (top === undefined) return undefined
  if (second === undefined) return withMember(text, top, { name: first, value: JSON.stringify(value), sortedFrom: 2 })
  const inner = memberOf(top, first)
  const object = asNode(inner?.['value'])
  if (object?.type === 'ObjectExpression')
    return withMember(text, object, { name: second, value: JSON.stringify(value), sortedFrom: 1 })
  if (inner !== undefined) return undefined
  const { lineBreak, unit } = layoutOf(text, top)
  const made =
    lineBreak === ''
      ? `{${JSON.stringify(second)}:${JSON.stringify(value)}}`
      : `{${lineBreak}${unit}${unit}${JSON.stringify(second)}: ${JSON.stringify(value)}${lineBreak}${unit}}`
  return withMember(text, top, { name: first, value: made, sortedFrom: 2 })
}

/** A manifest text with the name of one dependency changed wherever it is declared; `undefined` when it is not. */
export function withRenamedDependency(text: string, from: string, to: string): string | undefined {
  const top = objectIn(text)
  const keys = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'].flatMap((field) => {
    const object = top === undefined ? undefined : asNode(memberOf(top, field)?.['value'])
    return object === undefined ? [] : (asNode(memberOf(object, from)?.['key']) ?? [])
  })
  return keys.length === 0
    ? undefined
    : spliced(
        text,
        keys.map(({ start, end }) => ({ start, end, text: JSON.stringify(to) })),
      )
}

function objectIn(text: string): SyntaxNode | undefined {
  try {
    const node = asNode(parseExpression(text))
    return node?.type === 'ObjectExpression' ? node : undefined
  } catch {
    return undefined // Damaged JSON is the business of another repairer.
  }
}

function memberOf(object: SyntaxNode, name: string): SyntaxNode | undefined {
  return asNodes(object['properties']).find((property) => textOf(property['key']) === name)
}

interface Member {
  readonly name: string
  /** As it is written. */
  readonly value: string
  /** From how many members on their order says something; package managers sort dependencies, and one alone is in order. */
  readonly sortedFrom: number
}

function withMember(text: string, object: SyntaxNode, { name, value, sortedFrom }: Member): string {
  const old = asNode(memberOf(object, name)?.['value'])
  if (old !== undefined) return spliced(text, [{ start: old.start, end: old.end, text: value }])
  const members = asNodes(object['properties'])
  const { lineBreak, lead, unit } = layoutOf(text, object)
  const member = `${JSON.stringify(name)}:${lineBreak === '' ? '' : ' '}${value}`
  const [first] = members
  if (first === undefined)
    return spliced(text, [
      {
        start: object.start,
        end: object.end,
        text: lineBreak === '' ? `{${member}}` : `{${lineBreak}${lead}${unit}${member}${lineBreak}${lead}}`,
      },
    ])
  const gap = text.slice(object.start + 1, first.start)
  const next =
    members.length >= sortedFrom && isSorted(members)
      ? members.find((property) => (textOf(property['key']) ?? '') > name)
      : undefined
  if (next !== undefined)
    return spliced(text, [
      { start: next.start, end: next.start, text: `${member},${gap === '' && lineBreak !== '' ? ' ' : gap}` },
    ])
  const end = members.at(-1)?.end ?? object.end
  return spliced(text, [{ start: end, end, text: `,${gap === '' && lineBreak !== '' ? ' ' : gap}${member}` }])
}

function isSorted(members: readonly SyntaxNode[]): boolean {
  const names = members.map((member) => textOf(member['key']) ?? '')
  return names.every((name, index) => index === 0 || (names[index - 1] ?? '') <= name)
}

interface Layout {
  /** `''` when the whole text is on one line. */
  readonly lineBreak: string
  /** Blanks before the line on which the object begins. */
  readonly lead: string
  /** One level of indentation. */
  readonly unit: string
}

function layoutOf(text: string, object: SyntaxNode): Layout {
  const body = text.trimEnd()
  const lineBreak = !body.includes('\n') ? '' : body.includes('\r\n') ? '\r\n' : '\n'
  const lead = /^[ \t]*/.exec(text.slice(text.lastIndexOf('\n', object.start) + 1, object.start))?.[0] ?? ''
  return { lineBreak, lead, unit: /\n([ \t]+)"/.exec(text)?.[1] ?? '  ' }
}
