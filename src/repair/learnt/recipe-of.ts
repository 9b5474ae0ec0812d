import type { Recipe } from '../../core/experience.js'
import type { Fault } from '../../core/fault.js'
import type { Action } from '../../core/patch.js'
import type { Workspace } from '../../core/ports.js'
import type { Proposal } from '../../core/repairer.js'
import { bindingsOf, parametersOf, templateOf, type Bindings } from './bindings.js'
import { blockOf } from './block-recipe.js'
import { redactSecrets } from '../model/redact.js'
import { replaceRecipeOf } from './replace-recipe.js'

/** How a proposal is done again, and what filled its gaps this time. */
export interface Derived {
  readonly recipe?: Recipe
  readonly parameters: Readonly<Record<string, string>>
}

const editsMax = 4

/**
 * Reads from a proposal how it could be done again at another fault of its class. There is no recipe where that cannot be
 * said: files made, moved or removed, texts and actions mixed, long edits, and texts that look like secrets.
 */
export function recipeOf({ edits, actions }: Pick<Proposal, 'edits' | 'actions'>, fault: Fault, workspace: Workspace): Derived {
  const bindings = bindingsOf(fault, workspace)
  const [action, ...others] = actions
  if (action !== undefined) return edits.length > 0 || others.length > 0 ? { parameters: {} } : actionRecipe(action, bindings)
  const [edit] = edits
  if (edit === undefined || edits.length > editsMax) return { parameters: {} }
  // A failing test says what is wrong there, not what is wrong with every text that names the same things.
  const replace = edits.length === 1 && fault.category !== 'test' ? replaceRecipeOf(edit, bindings, fault.location) : undefined
  if (replace !== undefined && !holdsSecret(replace)) {
    return { recipe: replace, parameters: parametersOf([replace.file, replace.find, replace.put], bindings) }
  }
  const parameters = { file: edit.path.slice(0, 300) }
  const blocks = edits.flatMap((one) => blockOf(one) ?? [])
  const recipe = { kind: 'blocks', edits: blocks } as const
  return blocks.length < edits.length || holdsSecret(recipe) ? { parameters } : { recipe, parameters }
}

function actionRecipe(action: Action, bindings: Bindings): Derived {
  if (action.kind === 'chmod') {
    const path = templateOf(action.path, bindings)
    const add = action.mode & ~action.modeBefore
    const isGap = path.length === 1 && typeof path[0] !== 'string'
    if (!isGap || add === 0 || (action.modeBefore & ~action.mode) !== 0)
      return { parameters: { path: action.path.slice(0, 300) } }
    return { recipe: { kind: 'chmod', path, add }, parameters: parametersOf([path], bindings) }
  }
  const owner = bindings.get('package')
  const names: Bindings = owner === undefined ? new Map() : new Map([['package', owner]])
  const packages = action.packages.slice(0, 8).map(({ name, dev }) => ({ name: templateOf(name, names), dev }))
  return {
    recipe: { kind: 'install', packages },
    parameters: parametersOf(
      packages.map(({ name }) => name),
      names,
    ),
  }
}

/** What is remembered lies in a file and can be exported: no secret gets there. */
function holdsSecret(recipe: Extract<Recipe, { kind: 'replace' | 'blocks' }>): boolean {
  const texts =
    recipe.kind === 'blocks'
      ? recipe.edits.flatMap(({ before, after }) => [before, after])
      : [recipe.find, recipe.put].map((template) => template.map((part) => (typeof part === 'string' ? part : '')).join(''))
  return texts.some((text) => redactSecrets(text) !== text)
}
