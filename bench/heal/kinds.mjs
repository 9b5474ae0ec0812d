import { configurationDamages } from './damages/configuration.mjs'
import { dependencyDamages } from './damages/dependency.mjs'
import { permissionDamages } from './damages/permission.mjs'
import { runtimeDamages } from './damages/runtime.mjs'
import { breaksSyntax, syntaxDamages } from './damages/syntax.mjs'
import { testDamages } from './damages/behaviour.mjs'
import { typeDamages } from './damages/types.mjs'

const stops = /\b(?:TypeError|ReferenceError|RangeError)\b/
const any = () => true

/** How cases of a kind are made, and which of them are of that kind: by the damage itself, or by what the command then says. */
export const kinds = {
  syntax: { damages: syntaxDamages, fits: breaksSyntax, shows: any },
  dependency: { damages: dependencyDamages, fits: any, shows: any },
  configuration: { damages: configurationDamages, fits: any, shows: any },
  types: { damages: typeDamages, fits: any, shows: any },
  runtime: { damages: runtimeDamages, fits: any, shows: (output) => stops.test(output) },
  test: { damages: testDamages, fits: any, shows: (output) => !stops.test(output) },
  permission: { damages: permissionDamages, fits: any, shows: any },
}

const typeScripts = ['typecheck', 'type-check', 'test:types', 'types', 'check-types', 'tsc']

/** The command that a kind of damage fails: the tests, or for types the project's own check of them. */
export function commandOf(kind, { manifest }, test) {
  if (kind !== 'types') return test
  const script = typeScripts.find((name) => manifest.scripts?.[name] !== undefined)
  return script === undefined ? ['npx', 'tsc', '--noEmit'] : ['npm', 'run', script]
}
