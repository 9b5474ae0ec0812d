import type { Template } from '../../core/experience.js'
import type { Fault } from '../../core/fault.js'
import type { Workspace } from '../../core/ports.js'
import { packageOfSpecifier } from '../../security/package-names.js'
import { projectPath } from '../imports/import-path.js'

/** What fills the gaps of a template: details of a fault by name, and `file`, where it is, as the project names it. */
export type Bindings = ReadonlyMap<string, string>

/** Details that name files; they are bound as the project names them, whatever the tool printed. */
const places: ReadonlySet<string> = new Set(['importer', 'path'])
const valueLengthMax = 300

/** Everything a fault names. */
export function bindingsOf({ details, location }: Fault, workspace: Workspace): Bindings {
  const bindings = new Map<string, string>()
  for (const [name, value] of Object.entries(details)) {
    if (typeof value !== 'string' || value === '' || value.length > valueLengthMax) continue
    const bound = places.has(name) ? projectPath(workspace, value) : value
    if (bound !== undefined && bound !== '') bindings.set(name, bound)
  }
  const file = location === undefined ? undefined : projectPath(workspace, location.file)
  if (file !== undefined && file !== '') bindings.set('file', file)
  const specifier = bindings.get('specifier')
  const owner = specifier === undefined ? undefined : packageOfSpecifier(specifier)
  if (owner !== undefined && !bindings.has('package')) bindings.set('package', owner)
  return bindings
}

/** The text with its gaps filled; `undefined` when the fault does not name one of them. */
export function filled(template: Template, bindings: Bindings): string | undefined {
  let text = ''
  for (const part of template) {
    const value = typeof part === 'string' ? part : bindings.get(part.from)
    if (value === undefined) return undefined
    text += value
  }
  return text
}

/** The text with a gap wherever a binding stands as a whole word, the longest first. */
export function templateOf(text: string, bindings: Bindings): Template {
  let parts: Template = [text]
  const ordered = [...bindings].sort(([a, x], [b, y]) => y.length - x.length || (a < b ? -1 : 1))
  for (const [name, value] of ordered)
    parts = parts.flatMap((part) => (typeof part === 'string' ? split(part, value, name) : [part]))
  return parts
}

/** Names of the gaps of templates, and what fills them. */
export function parametersOf(templates: readonly Template[], bindings: Bindings): Readonly<Record<string, string>> {
  const names = templates.flatMap((template) => template.flatMap((part) => (typeof part === 'string' ? [] : [part.from])))
  return Object.fromEntries(names.flatMap((name) => (bindings.has(name) ? [[name, bindings.get(name) ?? '']] : [])))
}

/** Whether a character can be part of a name. */
export function isWord(character: string | undefined): boolean {
  return character !== undefined && /[\w$]/.test(character)
}

/** The only place where `part` stands as whole words in `text`; `undefined` when there are none or several. */
export function onlyPlace(text: string, part: string): number | undefined {
  const [first, second] = placesOf(text, part, 2)
  return second === undefined ? first : undefined
}

function placesOf(text: string, part: string, limit: number): readonly number[] {
  const found: number[] = []
  if (part === '') return found
  for (let at = text.indexOf(part); at !== -1 && found.length < limit; at = text.indexOf(part, at + 1)) {
    const cutsLeft = isWord(part[0]) && isWord(text[at - 1])
    const cutsRight = isWord(part.at(-1)) && isWord(text[at + part.length])
    if (!cutsLeft && !cutsRight) found.push(at)
  }
  return found
}

function split(text: string, value: string, name: string): Template {
  const parts: (string | { readonly from: string })[] = []
  let from = 0
  for (const at of placesOf(text, value, 16)) {
    if (at < from) continue
    if (at > from) parts.push(text.slice(from, at))
    parts.push({ from: name })
    from = at + value.length
  }
  if (from < text.length || parts.length === 0) parts.push(text.slice(from))
  return parts
}
