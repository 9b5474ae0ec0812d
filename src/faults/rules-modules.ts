import { withImporter } from './importing.js'
import { placeAbove, placeBelow } from './place.js'
import { locationOf, type Draft, type Rule, type Sighting } from './rule.js'
import { headerLocation, stackLocation } from './stack.js'

const missing = { category: 'dependency', code: 'MODULE_NOT_FOUND', refine: withImporter } as const

/** Modules, packages and exported names that are not where an import says. */
export const moduleRules: readonly Rule[] = [
  {
    // Node: https://nodejs.org/api/errors.html#err_module_not_found
    hints: ['ERR_MODULE_NOT_FOUND]'],
    pattern:
      /\[ERR_MODULE_NOT_FOUND\]: (?<message>Cannot find (?:package|module) '(?<specifier>[^']{1,1000})'(?: imported from '?(?<importer>[^'\s][^']{0,600}?)'?)?)$/,
    ...missing,
    tool: 'node',
  },
  {
    hints: ['Cannot find package', 'Cannot find module'],
    // Jest, Bun and Vitest name the importer on the same line.
    pattern:
      /Cannot find (?:module|package) ['"](?<specifier>[^'"]{1,1000})['"] (?:imported )?from ['"]?(?<importer>[^'"\s][^'"]{0,600}?)['"]?$/,
    ...missing,
  },
  {
    hints: ['ERR_UNSUPPORTED_DIR_IMPORT'],
    pattern:
      /Directory import '(?<specifier>[^']{1,1000})' is not supported resolving ES modules(?: imported from (?<importer>\S.{0,600}))?/,
    ...missing,
    code: 'ERR_UNSUPPORTED_DIR_IMPORT',
    tool: 'node',
  },
  {
    hints: ['ERR_UNKNOWN_BUILTIN_MODULE', 'No such built-in module'],
    pattern: /No such built-in module: (?<specifier>\S{1,300})/,
    ...missing,
    tool: 'node',
  },
  {
    hints: ['ERR_PACKAGE_PATH_NOT_EXPORTED'],
    pattern:
      /(?:Package subpath '(?<subpath>[^']{1,500})' is not defined by|No "exports" main defined in) (?:"exports" in )?(?<path>\S{1,600}?package\.json)(?: imported from (?<importer>\S.{0,600}))?/,
    category: 'dependency',
    code: 'ERR_PACKAGE_PATH_NOT_EXPORTED',
    tool: 'node',
    refine: exportsMap,
  },
  {
    hints: ['does not provide an export named'],
    pattern: /The requested module '(?<specifier>[^']{1,1000})' does not provide an export named '(?<name>[^']{1,300})'/,
    category: 'dependency',
    code: 'EXPORT_NOT_FOUND',
    tool: 'node',
    refine: withImporter,
  },
  {
    hints: ['Named export '],
    pattern:
      /Named export '(?<name>[^']{1,300})' not found\. The requested module '(?<specifier>[^']{1,1000})' is a CommonJS module/,
    category: 'dependency',
    code: 'EXPORT_NOT_FOUND',
    tool: 'node',
    refine: withImporter,
  },
  {
    hints: ['Cannot find dependency'],
    // Vitest, of its environments and reporters.
    pattern: /Cannot find dependency '(?<specifier>[^']{1,300})'/,
    ...missing,
    tool: 'vitest',
    kinds: ['plain', 'log'],
  },
  {
    hints: ["Can't resolve"],
    pattern: /(?:Module not found: )?(?:Error: )?Can't resolve '(?<specifier>[^']{1,1000})'(?: in '(?<folder>[^']{1,600})')?/,
    ...missing,
    tool: 'webpack',
    refine: (draft, sighting) => withImporter({ ...draft, location: placeAbove(sighting) ?? placeBelow(sighting) }, sighting),
  },
  {
    hints: ['failed to resolve import', 'Failed to resolve import', 'Failed to resolve entry', 'Failed to load url'],
    pattern:
      /(?<message>[Ff]ailed to (?:resolve import|resolve entry for package|load url) ["']?(?<specifier>[^"'\s]{1,1000})["']?(?: \(resolved id: [^)]{1,600}\))?(?: (?:from|in) ["']?(?<importer>[^"'\s][^"']{0,600}?)["']?)?)(?:\. .{0,200}|\.?$)/,
    ...missing,
    tool: 'vite',
  },
  {
    hints: ['Could not resolve', 'could not resolve', 'Failed to resolve', 'Unable to resolve'],
    pattern:
      /(?:[Cc]ould not resolve|[Ff]ailed to resolve|Unable to resolve)(?: path to)?(?: entry)?(?: module| import)?:? ["'`(](?<specifier>[^"'`)]{1,1000})["'`)](?: (?:from|in) ["'`]?(?<importer>[^"'`\s()]{1,600})["'`]?)?/,
    ...missing,
    refine: (draft, sighting) => (/^\d{1,7}:\d{1,7}\s/.test(sighting.line) ? undefined : withImporter(draft, sighting)), // ESLint's lines have their own rule.
  },
  {
    hints: ['Unable to resolve module'],
    pattern: /Unable to resolve module (?<specifier>\S{1,300}) from (?<importer>[^\s:]{1,600})/,
    ...missing,
    tool: 'metro',
  },
  {
    hints: ['No matching export in'],
    pattern: /No matching export in "(?<specifier>[^"]{1,1000})" for import "(?<name>[^"]{1,300})"/,
    category: 'dependency',
    code: 'EXPORT_NOT_FOUND',
    tool: 'esbuild',
    refine: withImporter,
  },
  {
    hints: ['is not exported by'],
    pattern:
      /["'](?<name>[^"']{1,300})["'] is not exported by ["']?(?<specifier>[^"'\s,]{1,1000})["']?(?:, imported by ["']?(?<importer>[^"'\s]{1,600}?)["']?)?\.?$/,
    category: 'dependency',
    code: 'EXPORT_NOT_FOUND',
    tool: 'rollup',
    refine: withImporter,
  },
  {
    hints: ['was not found in'],
    pattern:
      /export '(?<name>[^']{1,300})' (?:\((?:re)?(?:imported|exported) as '[^']{1,300}'\) )?was not found in '(?<specifier>[^']{1,1000})'/,
    category: 'dependency',
    code: 'EXPORT_NOT_FOUND',
    tool: 'webpack',
    refine: (draft, sighting) => withImporter({ ...draft, location: placeAbove(sighting) }, sighting),
  },
  {
    hints: ['Module not found "'],
    pattern: /Module not found "(?<specifier>[^"]{1,1000})"/,
    ...missing,
    tool: 'deno',
    refine: denoImporter,
  },
  {
    hints: ['not prefixed with / or ./ or ../', 'not a dependency and not in import map'],
    pattern: /(?:Relative import path|Import) "(?<specifier>[^"]{1,1000})" not (?:prefixed|a dependency)/,
    ...missing,
    tool: 'deno',
    refine: denoImporter,
  },
  {
    hints: ["couldn't find the plugin", "couldn't find the config"],
    pattern: /ESLint couldn't find the (?:plugin|config) "(?<specifier>[^"]{1,300})"/,
    category: 'dependency',
    code: 'MODULE_NOT_FOUND',
    tool: 'eslint',
  },
  {
    hints: [
      "The module '",
      'compiled against a different Node.js version',
      'invalid ELF header',
      'ERR_DLOPEN_FAILED',
      'wrong ELF class',
      'mach-o file, but is an incompatible architecture',
    ],
    pattern:
      /The module '(?<path>[^']{1,600}\.node)'|(?:invalid ELF header|wrong ELF class|incompatible architecture)|was compiled against a different Node\.js version/,
    category: 'dependency',
    code: 'ERR_DLOPEN_FAILED',
    tool: 'node',
  },
  {
    // Cannot find module, said by anyone, with the quote perhaps never closed.
    hints: ['annot find module', 'annot find package'],
    pattern: /[Cc]annot find (?:module|package) ['"`](?<specifier>[^'"`]{1,4000})['"`]?/,
    ...missing,
  },
]

/** A package in `node_modules` decides what it exports; a package of our own that exports the wrong thing is misconfigured. */
function exportsMap(draft: Draft, sighting: Sighting): Draft {
  const path = String(draft.details['path'])
  const importer = sighting.groups['importer']
  const folder = /node_modules[\\/]((?:@[^\\/]{1,200}[\\/])?[^\\/]{1,200})[\\/]package\.json$/
    .exec(path)?.[1]
    ?.replaceAll('\\', '/')
  const subpath = sighting.groups['subpath']
  const specifier =
    folder === undefined ? undefined : subpath === undefined ? folder : `${folder}/${subpath.replace(/^\.\//, '')}`
  return {
    ...withImporter(draft, sighting),
    category: folder === undefined ? 'configuration' : 'dependency',
    location: importer === undefined ? stackLocation(sighting.output, sighting.index) : locationOf(importer),
    details: { path, subpath, importer, package: folder, specifier },
  }
}

function denoImporter(draft: Draft, sighting: Sighting): Draft {
  const location =
    placeBelow(sighting) ?? stackLocation(sighting.output, sighting.index) ?? headerLocation(sighting.output, sighting.index)
  return withImporter({ ...draft, location }, sighting)
}
