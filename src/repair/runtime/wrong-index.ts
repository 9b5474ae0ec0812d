import { type SyntaxNode, asNode } from '../code/syntax-node.js'
import { type Candidate, replacing } from './runtime-candidate.js'
import { type Source, isMember, propertyOf, textIn } from './runtime-source.js'

/** `a[i + 1]`, `a[a.length]`: one too far. */
export function indexRepairs(source: Source, member: SyntaxNode): readonly Candidate[] {
  const index = asNode(member['property'])
  if (index === undefined) return []
  const text = textIn(source, index)
  const why = 'There is nothing at this index.'
  const by = (to: string, weight: number): Candidate =>
    replacing(source, index, { text: to, what: `Use the index "${to.slice(0, 30)}"`, weight, why })
  if (isMember(index) && propertyOf(index) === 'length') return [by(`${text} - 1`, 0.85)]
  const value = index.type === 'NumericLiteral' ? Number(text) : Number.NaN
  if (Number.isSafeInteger(value)) return [...(value > 0 ? [by(String(value - 1), 0.6)] : []), by(String(value + 1), 0.4)]
  const offset = index.type === 'BinaryExpression' ? asNode(index['right']) : undefined
  const operator = index['operator']
  if (offset?.type === 'NumericLiteral' && (operator === '+' || operator === '-')) {
    const left = asNode(index['left'])
    const base = left === undefined ? '' : textIn(source, left)
    return [by(base, 0.5), by(`${base} ${operator === '+' ? '-' : '+'} ${textIn(source, offset)}`, 0.55)]
  }
  return index.type === 'Identifier' ? [by(`${text} - 1`, 0.45), by(`${text} + 1`, 0.2)] : []
}
