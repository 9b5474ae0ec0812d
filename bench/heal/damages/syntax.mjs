import { parses, treeOf } from '../tree.mjs'
import { misspelt, textDamage } from './text-damage.mjs'

/** Text that no longer parses: JavaScript and TypeScript by token, JSON by character. */
export function syntaxDamages(project) {
  return [...project.code.flatMap((path) => inCode(project, path)), ...project.json.flatMap((path) => jsonDamages(project, path))]
}

/** Whether the damage is one of syntax: much that is dropped leaves another program behind. */
export const breaksSyntax = (damage) => !parses(damage.text(), damage.path)

export function jsonDamages(project, path) {
  const text = project.text.get(path)
  const at = (name, pattern, edit) =>
    [...text.matchAll(pattern)].map((match) => textDamage(project, path, name)(edit(match.index, match[0])))
  const drop = (start, found) => ({ start, end: start + found.length, put: '' })
  const after = (put) => (start, found) => ({ start: start + found.length, end: start + found.length, put })
  return [
    ...at('JSON comma dropped', /,(?=\s*["{[])/g, drop),
    ...at('JSON comma trailing', /["\d}\]el](?=\s*\n\s*[}\]])/g, after(',')),
    ...at('JSON quote dropped', /"(?=\s*[:,])/g, drop),
    ...at('JSON quote dropped', /(?<=[\s{])"(?=\w)/g, drop),
    ...at('JSON colon dropped', /:(?=\s*["{[\d])/g, drop),
    ...at('JSON bracket dropped', /[}\]](?=\s*[,}\]]|\s*$)/g, drop),
    ...at('JSON single quotes', /"\w+"(?=\s*:)/g, (start, found) => ({
      start,
      end: start + found.length,
      put: found.replaceAll('"', "'"),
    })),
  ]
}

function inCode(project, path) {
  const text = project.text.get(path)
  if (!parses(text, path)) return []
  const damages = []
  const add = (name, start, end, put) => damages.push(textDamage(project, path, name)({ start, end, put }))
  for (const token of treeOf(text, path).tokens) damageToken(token, text, add)
  const middle = text.indexOf('\n', Math.floor(text.length / 2)) + 1
  const line = text.slice(middle, text.indexOf('\n', middle) + 1)
  add('conflict markers', middle, middle + line.length, `<<<<<<< HEAD\n${line}=======\n${line}>>>>>>> topic\n`)
  add('end cut off', text.trimEnd().length - 1, text.length, '')
  return damages
}

function damageToken({ start, end, type }, text, add) {
  const found = text.slice(start, end)
  if (/^[)\]}]$/.test(found)) {
    add('closing bracket dropped', start, end, '')
    add('bracket doubled', start, end, found + found)
  } else if (/^[([{]$/.test(found)) add('opening bracket dropped', start, end, '')
  else if (found === ',') add('comma dropped', start, end, '')
  else if (found === '.') add('dot dropped', start, end, '')
  else if (/^(?:=|=>|===|\+|&&|\?|:)$/.test(found)) add('operator dropped', start, end, '')
  else if (type.label === 'string') {
    add('quote dropped', end - 1, end, '')
    add('typographic quotes', start, end, `‘${found.slice(1, -1)}’`)
  } else if (type.keyword !== undefined && found.length > 3) add('keyword misspelt', start, end, misspelt(found))
  else if (found === ';') add('stray character', end, end, ' \\')
}
