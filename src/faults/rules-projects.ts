import { lineAt } from './output.js'
import { placeBelow } from './place.js'
import { locationOf, type Rule } from './rule.js'
import { stackEnd } from './stack.js'

/** Settings of projects and of their tools that cannot be used, each in the words of its tool. */
export const projectRules: readonly Rule[] = [
  {
    hints: ['loading shared libraries', 'Library not loaded', 'image not found', 'DLL was not found', 'linker `'],
    // The dynamic loader, before any word of the program itself
    pattern:
      /error while loading shared libraries: (?<package>[^\s:]{1,200})|Library not loaded: (?<package2>\S{1,300})|(?<package3>\w{1,100}\.dll) was not found|linker `(?<program>[^`]{1,60})` not found/,
    category: 'dependency',
    code: 'LIBRARY_NOT_FOUND',
    refine: (draft, { groups }) =>
      groups['program'] === undefined
        ? { ...draft, details: { package: groups['package'] ?? groups['package2'] ?? groups['package3'] } }
        : { ...draft, code: 'COMMAND_NOT_FOUND', details: { program: groups['program'] } },
  },
  {
    hints: [
      'installation candidates',
      'known hashes',
      'DO NOT MATCH THE HASHES',
      'not in poetry.lock',
      'hash mismatch',
      'Hash mismatch',
      'integrity check failed',
      'ntegrity check failed',
    ],
    // Python's installers, Deno and Bun
    pattern:
      /Unable to find installation candidates for (?<package>\S{1,200})|Hash for (?<package2>\S{1,200}) .{0,200}not found in known hashes|DO NOT MATCH THE HASHES|not in poetry\.lock metadata|[Hh]ash mismatch (?:for|in|on)\b|[Ii]ntegrity check failed/,
    category: 'dependency',
    code: 'EINTEGRITY',
    refine: (draft, { groups }) => ({
      ...draft,
      code: groups['package'] === undefined ? draft.code : 'VERSION_NOT_FOUND',
      details: { package: groups['package'] ?? groups['package2'] },
    }),
  },
  {
    hints: [
      'bare specifier',
      'not in import map',
      'not a dependency and not in import map',
      'JSR package',
      'npm package',
      'Module not found "',
    ],
    // Deno
    pattern:
      /(?:Unmapped bare specifier|Relative import path) "(?<specifier>[^"]{1,300})"|Import "(?<specifier2>[^"]{1,300})" not a dependency|(?:JSR|npm) package (?:manifest for )?'(?<specifier3>[^']{1,300})' (?:failed|does not exist|not found)/,
    category: 'dependency',
    code: 'MODULE_NOT_FOUND',
    tool: 'deno',
    refine: (draft, { groups }) => ({
      ...draft,
      details: { specifier: groups['specifier'] ?? groups['specifier2'] ?? groups['specifier3'] },
    }),
  },
  {
    hints: [' access to ', 'NotCapable'],
    pattern:
      /Requires (?<permission>read|write|net|env|run|sys|ffi|import|all) access(?: to (?<path>.{1,200}?))?,? run again with the --allow-/,
    category: 'permission',
    code: 'ACCESS_DENIED',
    tool: 'deno',
    refine: (draft, { output, index }) => ({ ...draft, lineLast: stackEnd(output, index) }),
  },
  {
    hints: ['The parameter'],
    pattern:
      /The parameters? (?<name>'[^']{1,80}'(?:, '[^']{1,80}'){0,8}) for goal (?<goal>\S{1,200}) (?:is|are) missing or invalid/,
    category: 'configuration',
    code: 'CONFIG_INVALID',
    tool: 'mvn',
    refine: (draft, { groups }) => ({ ...draft, details: { name: groups['name']?.replaceAll("'", '') } }),
  },
  {
    hints: ['@parcel/'],
    pattern: /^@parcel\/[\w-]{1,60}: (?<message>.{1,300})$/,
    category: 'configuration',
    code: 'CONFIG_INVALID',
    tool: 'parcel',
    // What it cannot find or parse, other rules know.
    refine: (draft, sighting) =>
      /output file type|[Tt]arget|engines|\.parcelrc|[Ii]nvalid|[Uu]nknown|config/.test(draft.message) &&
      !/resolve|\bexpected\b|unexpected token/i.test(draft.message)
        ? { ...draft, location: placeBelow(sighting) }
        : undefined,
  },
  {
    hints: ['YAML parse error on', 'parse error at (', 'parse error in ', 'error unmarshaling'],
    // Helm
    pattern:
      /YAML parse error on (?<file>[^\s:]{1,300}): .{0,120}?line (?<line>\d{1,7})|parse error at \((?<file2>[^\s:]{1,300}):(?<line2>\d{1,7})\)|parse error in "(?<file3>[^"]{1,300})"/,
    category: 'syntax',
    code: 'TEMPLATE_SYNTAX',
    tool: 'helm',
    refine: (draft, { groups }) => ({
      ...draft,
      location: locationOf(groups['file'] ?? groups['file2'] ?? groups['file3'], groups['line'] ?? groups['line2']),
      details: {},
    }),
  },
  {
    hints: ['ould not execute process', 'did not run successfully', 'No Output Directory named'],
    pattern:
      /could not execute process `(?<path>[^`]{1,300})`|(?<step>[\w.() ]{1,80}) did not run successfully\.?$|No Output Directory named "(?<name>[^"]{1,200})"/,
    category: 'runtime',
    code: 'ENOENT',
    refine: (draft, { groups }) =>
      groups['step'] !== undefined
        ? { ...draft, category: 'build', code: 'NATIVE_BUILD_FAILED', rank: 'compile', tool: 'pip', details: {} }
        : groups['name'] === undefined
          ? draft
          : { ...draft, category: 'deployment', code: 'DEPLOY_FAILED', tool: 'vercel' },
  },
  {
    hints: ['deserialize', 'unknown variant', 'unknown field', 'missing field', '.swcrc', 'invalid type: '],
    // Tools in Rust that read their settings: swc, Cargo, Biome, uv
    pattern:
      /failed to (?:read|load|parse|deserialize) .{0,40}(?:\.swcrc|config\w*)\b.{0,200}|\b(?:unknown (?:variant|field)|missing field) `(?<name>[^`]{1,100})`.{0,300}|invalid type: \w{1,20} .{1,100}, expected .{1,100}/,
    category: 'configuration',
    code: 'CONFIG_INVALID',
    refine: (draft, { output, index, groups }) => ({
      ...draft,
      location: locationOf(
        /(?<=^|[\s"'`])([^\s"'`:]{0,300}(?:\.swcrc|\.toml|\.jsonc?))\b/.exec(
          output.lines.slice(Math.max(0, index - 2), index + 4).join('\n'),
        )?.[1],
      ),
      details: { name: groups['name'] },
      lineLast: index + 3,
    }),
  },
  {
    hints: [
      'invalid go version',
      'errors parsing go',
      'unknown directive',
      'unknown block type',
      'malformed module path',
      'module declares its path as',
      'go.work',
      'outside main module',
    ],
    pattern:
      /^(?:go: )?(?:(?<file>[^\s:]{0,300}go\.(?:mod|work)):(?<line>\d{1,7}): )?(?<message>(?:invalid go version .{1,100}|errors parsing (?<file2>\S{1,200}go\.(?:mod|work)|go\.(?:mod|work)):?|unknown (?:directive|block type): .{1,80}|usage: .{1,60}|.{0,200}malformed module path .{1,100}|.{0,100}module declares its path as.{0,100}|.{0,200}outside main module.{0,100}|.{0,100}go\.work file .{1,100}))$/,
    category: 'configuration',
    code: 'CONFIG_INVALID',
    tool: 'go',
    refine: (draft, { line }) =>
      /unknown (?:directive|block)|usage: /.test(line)
        ? draft.location === undefined
          ? undefined
          : { ...draft, category: 'syntax', code: 'GO_MOD_SYNTAX' }
        : /errors parsing/.test(line)
          ? { ...draft, rank: 'wrapper' }
          : draft,
  },
  {
    hints: [
      'refers to undefined',
      'invalid compose project',
      'required variable',
      'nvalid interpolation',
      'Unsupported config option',
      'depends on undefined',
      'unsupported external',
      'has neither an image nor a build',
    ],
    pattern:
      /refers to undefined \w{1,20} (?<name>\S{1,80})|invalid compose project|required variable (?<name2>\w{1,80}) is missing a value|[Ii]nvalid interpolation format|Unsupported config option for|depends on undefined service|has neither an image nor a build context/,
    category: 'configuration',
    code: 'CONFIG_INVALID',
    tool: 'docker',
    refine: (draft, { groups }) => ({
      ...draft,
      code: groups['name2'] === undefined ? draft.code : 'ENVIRONMENT_VARIABLE_MISSING',
      details: { name: (groups['name'] ?? groups['name2'])?.replace(/:$/, '') },
    }),
  },
  {
    hints: [
      'Python version',
      'pyproject.toml',
      'changed significantly',
      'ImproperlyConfigured',
      'No pyproject',
      'No interpreter found',
      'is not a valid Python',
      'Command not found: ',
      'poetry.lock',
      'uv.lock',
      'equires-python',
      'Requires-Python',
    ],
    pattern:
      /Current Python version \((?<actual>[^)]{1,30})\) is not allowed|could not find a `?pyproject\.toml`?|No `?pyproject\.toml`? found|pyproject\.toml changed significantly|(?:poetry|uv)\.lock (?:is not|needs to be) (?:up to date|consistent|updated).{0,80}|The lockfile at `uv\.lock` needs to be updated|ImproperlyConfigured: .{1,300}|Command not found: (?<program>\S{1,100})|No interpreter found for Python .{1,60}|does not satisfy Python.{1,60}|Ignored the following versions that require a different python version/i,
    category: 'configuration',
    code: 'CONFIG_INVALID',
    tool: 'python',
    refine: (draft, { line, groups }) => {
      if (/Ignored the following/.test(line)) return undefined
      if (groups['program'] !== undefined)
        return {
          ...draft,
          category: 'dependency',
          code: 'COMMAND_NOT_FOUND',
          tool: undefined,
          details: { program: groups['program'] },
        }
      if (/changed significantly|\.lock\b/.test(line))
        return { ...draft, category: 'dependency', code: 'LOCKFILE_OUT_OF_STEP', details: {} }
      return {
        ...draft,
        code: /Python version|interpreter|satisfy Python/.test(line) ? 'ENGINE_MISMATCH' : draft.code,
        details: { actual: groups['actual'], expected: /by the project \(([^)]{1,60})\)/.exec(line)?.[1] },
      }
    },
  },
  {
    hints: ['connection broken by', 'Max retries exceeded', 'ConnectTimeout', 'ReadTimeout', 'NewConnectionError'],
    // pip tells that nobody answered as a warning, and then that the package does not exist.
    pattern:
      /after connection broken by '(?<kind>\w{1,60})|^(?:[\w.]{1,120}\.)?(?<kind2>ConnectTimeout|ReadTimeout|ConnectTimeoutError|ReadTimeoutError|NewConnectionError|MaxRetryError)\b|Max retries exceeded with url/,
    category: 'network',
    code: 'NETWORK',
    tool: 'python',
    kinds: ['plain', 'log'],
    refine: (draft, { line, groups, output }) =>
      groups['kind'] === 'NewConnectionError' && output.lines.some((other) => other.includes('Max retries exceeded'))
        ? undefined
        : {
            ...draft,
            code: /SSL|CERTIFICATE/.test(line)
              ? 'CERTIFICATE_INVALID'
              : /Name or service/.test(line)
                ? 'ENOTFOUND'
                : /name resolution|gaierror/.test(line)
                  ? 'EAI_AGAIN'
                  : /refused/.test(line)
                    ? 'ECONNREFUSED'
                    : /[Tt]imed? ?out|Timeout/.test(`${line}${groups['kind2'] ?? ''}`)
                      ? 'ETIMEDOUT'
                      : draft.code,
            transient: !/SSLCertVerification|CERTIFICATE/.test(line),
            details: { host: /host='([\w.-]{1,253})'/.exec(line)?.[1] },
          },
  },
  {
    hints: ['ailed to load config from'],
    // Vite and Vitest: the settings are a program, and it threw. What it could not find or parse, other rules say.
    pattern: /^failed to load config from (?<file>\S{1,400})$/,
    category: 'configuration',
    code: 'CONFIG_INVALID',
    refine: (draft, { output, index }) => {
      const end = Math.min(output.lines.length, index + 16)
      for (let at = index + 1; at < end; at += 1) {
        const line = lineAt(output, at)
        if (/Cannot find|Could not resolve|Failed to resolve|SyntaxError|Transform failed|\[ERROR\]|Unexpected|ERR_/.test(line))
          return undefined
        if (/^(?:\w{1,60}Error|Error): /.test(line)) return { ...draft, message: line, lineLast: stackEnd(output, at) }
      }
      return undefined
    },
  },
]
