import { parseExpression } from '@babel/parser'
import { asNode, asNodes, type SyntaxNode, textOf } from '../code/syntax-node.js'
import { spliced } from '../imports/import-literals.js'

/** The way to a value: names of members and indexes of items, from the top. */
export type SettingPath = readonly (string | number)[]

/** One scalar of a settings file. */
export interface Setting {
  readonly path: SettingPath
  readonly value: string | number | boolean | null
}

/** Longer files are data, not settings. */
const textLengthMax = 1024 * 1024
const depthMax = 40

/**
 * A settings file in JSON, with comments and trailing commas where people write them. Edits change what they are about and
 * leave every other byte as it is.
 */
export interface SettingsText {
  readonly text: string
  /** Every scalar, in the order of the text; of members with the same name the last one counts. */
  readonly settings: readonly Setting[]
  /** Names of the members of an object, in the order of the text; empty when there is no object. */
  names(path: SettingPath): readonly string[]
  /** The text with the value at `path` in the place of the old one; `undefined` when there is none. */
  withValue(path: SettingPath, value: unknown): string | undefined
  /** The text with another name for the member at `path`; `undefined` when there is none, or the name is taken. */
  withName(path: SettingPath, name: string): string | undefined
  /** The text with one more member at the end of the object at `path`; `undefined` when there is no object, or the name is taken. */
  withMember(path: SettingPath, name: string, value: unknown): string | undefined
}

/** Reads a settings file; `undefined` when it does not parse or is no object. */
export function readSettings(text: string | undefined): SettingsText | undefined {
  const top = text === undefined || text.length > textLengthMax ? undefined : objectIn(text)
  if (text === undefined || top === undefined) return undefined
  const settings: Setting[] = []
  collect(top, [], settings)
  const find = (path: SettingPath): Place | undefined => placeOf(top, path)
  return {
    text,
    settings,
    names: (path) => members(find(path)?.value).map(({ name }) => name),
    withValue(path, value) {
      const node = find(path)?.value
      return node === undefined || path.length === 0 ? undefined : spliced(text, [replacement(node, value)])
    },
    withName(path, name) {
      const key = find(path)?.key
      const siblings = members(find(path.slice(0, -1))?.value)
      const isFree = !siblings.some((sibling) => sibling.name === name)
      return key === undefined || !isFree ? undefined : spliced(text, [replacement(key, name)])
    },
    withMember(path, name, value) {
      const object = find(path)?.value
      if (object?.type !== 'ObjectExpression' || members(object).some((member) => member.name === name)) return undefined
      return inserted(text, object, `${JSON.stringify(name)}: ${JSON.stringify(value)}`)
    },
  }
}

interface Place {
  /** Absent for an item of a list, and for the top. */
  readonly key?: SyntaxNode
  readonly value: SyntaxNode
}

interface Member extends Place {
  readonly name: string
}

function objectIn(text: string): SyntaxNode | undefined {
  try {
    // Blanks in the place of a byte order mark keep all offsets.
    const node = asNode(parseExpression(text.replace(/^\ufeff/, ' ')))
    return node?.type === 'ObjectExpression' ? node : undefined
  } catch {
    return undefined // Damaged JSON is the business of another repairer.
  }
}

function members(object: SyntaxNode | undefined): readonly Member[] {
  if (object?.type !== 'ObjectExpression') return []
  return asNodes(object['properties']).flatMap((property) => {
    const key = asNode(property['key'])
    const value = asNode(property['value'])
    const name = textOf(key)
    return key === undefined || value === undefined || name === undefined || key.type !== 'StringLiteral'
      ? []
      : [{ name, key, value }]
  })
}

function placeOf(top: SyntaxNode, path: SettingPath): Place | undefined {
  let place: Place | undefined = { value: top }
  for (const step of path) {
    const { value }: Place = place
    if (typeof step === 'string') place = members(value).findLast(({ name }) => name === step)
    else {
      const item: SyntaxNode | undefined = value.type === 'ArrayExpression' ? asNodes(value['elements'])[step] : undefined
      place = item === undefined ? undefined : { value: item }
    }
    if (place === undefined) return undefined
  }
  return place
}

function collect(node: SyntaxNode, path: SettingPath, settings: Setting[]): void {
  if (path.length > depthMax) return
  if (node.type === 'ObjectExpression') for (const { name, value } of members(node)) collect(value, [...path, name], settings)
  if (node.type === 'ArrayExpression')
    for (const [index, item] of asNodes(node['elements']).entries()) collect(item, [...path, index], settings)
  const { value } = node
  if (node.type === 'NullLiteral') settings.push({ path, value: null })
  else if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') settings.push({ path, value })
}

function replacement({ start, end }: SyntaxNode, value: unknown): { start: number; end: number; text: string } {
  return { start, end, text: JSON.stringify(value) }
}

function inserted(text: string, object: SyntaxNode, member: string): string {
  const properties = asNodes(object['properties'])
  const [first, last] = [properties[0], properties.at(-1)]
  if (first === undefined || last === undefined)
    return spliced(text, [{ start: object.start, end: object.end, text: `{ ${member} }` }])
  const gap = /^[^]*?(\s*)$/.exec(text.slice(object.start + 1, first.start))?.[1] ?? ''
  return spliced(text, [{ start: last.end, end: last.end, text: `,${gap === '' ? ' ' : gap}${member}` }])
}
