import { builtinModules, isBuiltin } from 'node:module'
import { editDistance } from '../../core/similar-name.js'

/** A built-in module of Node that an import may have meant. */
export interface MeantBuiltin {
  /** As it has to be written. */
  readonly specifier: string
  /** 0..1. */
  readonly plausibility: number
}

/** Built-in modules that a specifier nearly names, best first: misspelt, with other separators, or without the `node:` it needs. */
export function meantBuiltins(specifier: string): readonly MeantBuiltin[] {
  if (specifier.length > 40 || isBuiltin(specifier)) return []
  const bare = withoutScheme(specifier)
  const hadPrefix = bare !== specifier
  const name = bare.replace(/^node[-/]/, '')
  return builtins
    .flatMap((builtin): readonly MeantBuiltin[] => {
      const plausibility = likeness(name, builtin)
      if (plausibility === undefined) return []
      const needsPrefix = hadPrefix || !isBuiltin(builtin)
      // Without the prefix it may as well be a package.
      return [
        { specifier: needsPrefix ? `node:${builtin}` : builtin, plausibility: hadPrefix ? plausibility : plausibility * 0.9 },
      ]
    })
    .sort((a, b) => b.plausibility - a.plausibility)
    .slice(0, 3)
}

/** `fs` for `node:fs`, and for what people write instead. */
export function withoutScheme(specifier: string): string {
  return specifier.replace(/^(?:node|nodejs|nod|noed|ndoe):/i, '')
}

/** Without the prefix; modules that Node keeps for itself are left out. */
const builtins = builtinModules.filter((name) => !name.startsWith('_')).map((name) => name.replace(/^node:/, ''))

function likeness(name: string, builtin: string): number | undefined {
  if (name === builtin) return 0.97
  if (flat(name) === flat(builtin)) return 0.95
  const distanceMax = builtin.length >= 8 ? 2 : 1
  const distance = editDistance(name.toLowerCase(), builtin, distanceMax)
  if (distance > distanceMax) return undefined
  // Two-letter names have a neighbour everywhere.
  return (builtin.length <= 3 ? 0.7 : 0.93) - (distance - 1) * 0.08
}

function flat(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '')
}
