import { lineAt } from './output.js'
import { locationOf, type Draft, type Rule, type Sighting } from './rule.js'
import { stackLocation } from './stack.js'
import { surely } from './wording.js'

const configuration = { category: 'configuration' } as const

/** Settings that are missing, unknown or wrong. */
export const configurationRules: readonly Rule[] = [
  {
    hints: [
      'nvironment variable',
      'nv var',
      'env var',
      'is not set',
      'is not defined in',
      'must be set',
      'nvironment variables',
      'process.env',
      'os.environ',
      'KeyError',
      'variable is required',
      ' must be ',
      'not provided',
      'not configured',
      'is empty',
      'has to be',
      ' is missing',
      ' is required',
      'not defined in env',
      'required env',
      'Required env',
    ],
    pattern:
      /(?:[Mm]issing|[Rr]equired|[Uu]ndefined|[Uu]nset|[Ii]nvalid|[Nn]o) (?:required )?(?:the )?(?:env(?:ironment)?[- ]var(?:iable)?s?|env)\b:?|[Ee]nv(?:ironment)?[- ]?var(?:iable)?s?(?: not found)?:? ["'`]?\$?[A-Z][A-Z0-9_]{1,80}["'`]?|\b(?:process\.env\.|\$)?["'`]?[A-Z][A-Z0-9]*_[A-Z0-9_]{1,80}["'`]? (?:environment variable )?(?:is|was|must be|has to be|not)(?: not)? (?:set|defined|provided|missing|required|configured|found|empty)\b|[Mm]issing (?:env|process\.env\.)\S{0,80}|KeyError: '[A-Z][A-Z0-9]*_[A-Z0-9_]{1,80}'/,
    ...configuration,
    code: 'ENVIRONMENT_VARIABLE_MISSING',
    refine: variable,
  },
  {
    hints: ['unbound variable', 'parameter null or not set', 'parameter not set', 'must be set'],
    pattern:
      /^(?<file>[^\s:]{1,400}): (?:line )?(?<line>\d{1,7}): (?<name>[A-Za-z_]\w{0,80}): (?<message>(?:unbound variable|parameter (?:null or )?not set|.{0,80}must be set).{0,80})$/,
    ...configuration,
    code: 'ENVIRONMENT_VARIABLE_MISSING',
    tool: 'sh',
  },
  {
    hints: [
      'nknown option',
      'bad option',
      'nrecognized option',
      'nknown argument',
      'nrecognized argument',
      'nknown flag',
      'nexpected argument',
      'nvalid option',
      'unknown option',
      'ERR_PARSE_ARGS',
      'nknown arguments',
      'nrecognized CLI Parameter',
      'is not allowed in NODE_OPTIONS',
      'illegal option',
      'invalid argument',
      'nknown parameter',
      'no such option',
      'unknown command',
      'nknown command',
      'unknown shorthand',
      'No such command',
      'no such command',
      'Unknown CLI',
      'nvalid choice',
      'nvalid transform flag',
      'nvalid build flag',
      'is not a ',
      'has no command',
      'nvalid operation',
      'is unknown',
      'onfiguration option',
      'arguments are required',
      'provided but not defined',
      'nrecognized subcommand',
      'equires an argument',
      'equired argument',
      'equired flag',
      'equired option',
      'issing operand',
      'nvalid value',
      'nvalid --',
      'issing required',
      'issing positional',
      ' arg(s)',
      'arguments were not provided',
    ],
    pattern:
      /[Uu]nknown (?:options?|arguments?|flag|parameter|shorthand flag|CLI \w{1,20})|bad option|[Uu]nrecognized (?:options?|arguments?|CLI Parameter)|[Uu]nexpected argument|[Ii]nvalid (?:option|choice|argument|(?:transform|build) flag)|illegal option|[Nn]o such (?:option|command|subcommand)|[Uu]nknown (?:sub)?command|ERR_PARSE_ARGS_\w{1,40}|is not allowed in NODE_OPTIONS|is not a (?:\w{1,20} )?(?:command|subcommand)\b|has no command named|[Ii]nvalid operation \S|option \S{1,80} is unknown|[Bb]ad configuration option|following (?:required )?arguments (?:are required|were not provided)|provided but not defined: -|[Uu]nrecognized subcommand|option requires an argument|[Rr]equires an argument\b|[Mm]issing (?:required )?(?:operand|argument|positional)|[Rr]equired (?:flag|option|argument)\(?s?\)? .{0,80}(?:not (?:set|specified|provided|present)|missing)|accepts (?:at most |at least |between )?\d{1,3}.{0,20} arg\(s\)|[Ii]nvalid ["'`]?--\w{1,60}|[Ii]nvalid value .{1,80} (?:in|for) ["'`]?--/,
    ...configuration,
    code: 'OPTION_UNKNOWN',
    severity: 'medium',
    refine: (draft, { line, output, index }) =>
      output.lines.slice(Math.max(0, index - 3), index).some((before) => before.includes('Validation Warning'))
        ? undefined
        : {
            ...draft,
            details: {
              name: /(?<![\w/-])(--?[A-Za-z][\w-]{0,80}|(?<=['"`.])[\w.-]{1,80}(?=['"`]|\. ))/.exec(
                line.replace(/^.{0,60}?rror:/, ''),
              )?.[1],
            },
          },
  },
  {
    hints: ['ERR_UNKNOWN_FILE_EXTENSION', 'Unknown file extension'],
    pattern: /Unknown file extension "(?<extension>[^"]{1,40})" for (?<file>\S.{0,500})/,
    ...configuration,
    code: 'ERR_UNKNOWN_FILE_EXTENSION',
    tool: 'node',
  },
  {
    hints: ['ERR_REQUIRE_ESM', 'ES Module', 'ERR_REQUIRE_ASYNC_MODULE', 'ERR_REQUIRE_CYCLE_MODULE'],
    pattern:
      /require\(\) of ES Module|Must use import to load ES Module: |require\(\) cannot be used on an ESM graph|Cannot require\(\) ES Module |\[ERR_REQUIRE_(?:ESM|ASYNC_MODULE|CYCLE_MODULE)\]/,
    ...configuration,
    code: 'ERR_REQUIRE_ESM',
    tool: 'node',
    refine: requireEsm,
  },
  {
    hints: [
      'ERR_INVALID_PACKAGE_CONFIG',
      'ERR_INVALID_PACKAGE_TARGET',
      'ERR_PACKAGE_IMPORT_NOT_DEFINED',
      'ERR_INVALID_MODULE_SPECIFIER',
      'ERR_UNSUPPORTED_ESM_URL_SCHEME',
      'ERR_IMPORT_ATTRIBUTE',
      'ERR_IMPORT_ASSERTION',
      'ERR_INVALID_ARG',
      'ERR_NO_TYPESCRIPT',
      'ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING',
      'ERR_AMBIGUOUS_MODULE_SYNTAX',
    ],
    pattern:
      /\[(?<code>ERR_INVALID_PACKAGE_CONFIG|ERR_INVALID_PACKAGE_TARGET|ERR_PACKAGE_IMPORT_NOT_DEFINED|ERR_INVALID_MODULE_SPECIFIER|ERR_UNSUPPORTED_ESM_URL_SCHEME|ERR_IMPORT_ATTRIBUTE_\w{1,40}|ERR_IMPORT_ASSERTION_\w{1,40}|ERR_NO_TYPESCRIPT|ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING|ERR_AMBIGUOUS_MODULE_SYNTAX)\]: (?<message>.{1,500})$/,
    ...configuration,
    tool: 'node',
    refine: packageConfig,
  },
  {
    hints: [
      'nsupported engine',
      'EBADENGINE',
      'ngine "node"',
      'equires Node',
      'equire Node',
      'equires node',
      'Node.js version',
      'node version',
      'Node version',
      'UNSUPPORTED_ENGINE',
      'equires at least Node',
      'equires Python',
      'requires rustc',
      'equires-python',
      'go.mod requires go',
      'toolchain not available',
      'invalid source release',
      'class file version',
      'requires a different Python',
      'does not support this version of Node',
      'UnsupportedClassVersionError',
      'onfigured to use',
    ],
    pattern:
      /EBADENGINE|ERR_PNPM_UNSUPPORTED_ENGINE|[Uu]nsupported engine|[Ee]ngine "node" is incompatible|[Rr]equires? (?:at least )?(?:Node(?:\.js|JS)?|node|Python|rustc|go)(?:\.js)? (?:version )?(?:[v^~<>=]|\d|or)|requires a different Python|Node\.js version .{1,60} (?:required|not supported|is not supported)|[Uu]nsupported Node\.js version|requires rustc|go\.mod requires go|invalid source release|UnsupportedClassVersionError|class file version|This project is configured to use \w{1,10}/,
    ...configuration,
    code: 'ENGINE_MISMATCH',
    refine: engine,
  },
  {
    hints: ['onfig', ' deserialize ', 'chema', 'alidation Error', 'reset', 'option'],
    pattern:
      /\S{1,400}:\d{1,7}:\d{1,7} deserialize [━─]{3,200}|(?:[Ii]nvalid (?:configuration|config|options?) (?:object|file|value|for)\b|[Ii]nvalid configuration|Configuration for rule "[^"]{1,100}" is invalid|ConfigError|Config validation|ConfigurationError|InvalidConfig\w{0,40}|does not match the (?:API )?schema|[Ff]ailed to load (?:the )?(?:config|"[^"]{1,100}" config|PostCSS config|configuration|Babel config|jest config)\b|[Cc]ould(?: not|n't) (?:find|load|read|parse) (?:a |an |the |your )?(?:valid )?(?:config\w*|"?[\w./-]{1,80}config[\w./-]{0,40}|eslint\.config)|couldn't find an eslint\.config|[Nn]o (?:config\w*|eslint\.config\S{0,20}) (?:file )?(?:found|was found)|[Cc]onfig(?:uration)? file (?:\S{1,200} )?(?:not found|does not exist|is invalid|could not)|Can't find a root directory|Preset \S{1,200} (?:not found|is invalid)|Unexpected top-level property|[Uu]nknown (?:compiler option|property|key|config(?:uration)? option)\b|Unknown option: |A config object|[Mm]issing (?:required )?(?:config\w*|setting|option)\b|No (?:valid )?(?:exports|entry) .{0,40}config|Could not find (?:a )?(?:config|"[^"]{1,100}" config)|is not a valid (?:config\w*|value for)|config(?:uration)? (?:is )?invalid|No configuration provided|exited because the configuration)/,
    ...configuration,
    code: 'CONFIG_INVALID',
    refine: configFile,
  },
  {
    hints: [
      'No files matching',
      'No input files',
      'no such file or directory, lstat',
      'does not match any file',
      'No files were processed',
      'No files found',
    ],
    pattern:
      /(?:\[error\] )?(?:No files matching the pattern were found.{0,300}|No files matching (?:the pattern )?["'](?<path>[^"']{1,300})["'].{0,100}|No files matching the given patterns.{0,60}|No files were processed.{0,100}|No (?:input )?files (?:found|specified).{0,100})/,
    ...configuration,
    code: 'FILES_NOT_FOUND',
    severity: 'medium',
  },
  {
    hints: ['Definition for rule', 'Key "', 'Could not find "', 'Could not find plugin', 'Could not find config'],
    pattern:
      /Definition for rule '(?<name>[^']{1,200})' not found|(?:TypeError|ConfigError): (?:Config "[^"]{1,200}": )?Key "(?<key>[^"]{1,200})".{1,200}|Could not find "(?<name2>[^"]{1,200})" in plugin "[^"]{1,100}"|Could not find plugin "[^"]{1,100}"/,
    ...configuration,
    code: 'CONFIG_INVALID',
    tool: 'eslint',
    refine: (draft, { groups, ...rest }) => ({
      ...draft,
      details: {
        name: /Could not find "([^"]{1,200})"/.exec(rest.line)?.[1] ?? groups['name'] ?? groups['name2'] ?? groups['key'],
      },
      location: stackLocation(rest.output, rest.index),
    }),
  },
  {
    hints: [
      'Please run the following command',
      "Executable doesn't exist",
      'playwright install',
      'Could not find Chrome',
      'The cypress npm package is installed, but',
    ],
    pattern:
      /Executable doesn't exist at (?<path>\S{1,300})|Could not find Chrome|Failed to launch the browser process|The [Cc]ypress npm package is installed, but/,
    category: 'dependency',
    code: 'BROWSER_MISSING',
  },
]

function variable(draft: Draft, { output, index, line }: Sighting): Draft | undefined {
  const after = line.replace(/^.*?\b(?:[Ee]nv(?:ironment)?[- ]?var(?:iable)?s?|process\.env|KeyError)\b/, '')
  const found =
    /\$?\b([A-Z][A-Z0-9]*(?:_[A-Z0-9]+){1,8})\b/.exec(after)?.[1] ??
    /\b([A-Z][A-Z0-9]*(?:_[A-Z0-9]+){1,8})\b/.exec(line)?.[1] ??
    /["'`]([A-Z][A-Z0-9_]{2,80})["'`]/.exec(line)?.[1]
  const next = found ?? /^(?:[-•*❌×✖] ?)?["'`]?([A-Z][A-Z0-9_]{2,80})\b/u.exec(lineAt(output, index + 1))?.[1]
  return { ...draft, location: stackLocation(output, index), details: { name: next } }
}

/** A package that became ESM is the wrong version of a dependency; a file of our own has the wrong type. */
function requireEsm(draft: Draft, { output, index, line }: Sighting): Draft {
  const below = output.lines.slice(index + 1, index + 6).join('\n')
  const said = /ES Module:? (?<path>\S{1,500}?)(?: from (?<importer>\S{1,500}))?(?: not supported| from |\.?$)/.exec(line)?.groups
  const path = said?.['path'] ?? /^Requiring (\S{1,500})/m.exec(below)?.[1]
  const from = said?.['importer'] ?? /^From (\S{1,500})/m.exec(below)?.[1] ?? stackLocation(output, index)?.file
  const name =
    path === undefined
      ? undefined
      : /node_modules[\\/]((?:@[^\\/]{1,200}[\\/])?[^\\/]{1,200})[\\/]/.exec(path)?.[1]?.replaceAll('\\', '/')
  return {
    ...draft,
    code: /ASYNC_MODULE|top-level await/.test(line) ? 'ERR_REQUIRE_ASYNC_MODULE' : draft.code,
    category: name === undefined ? 'configuration' : 'dependency',
    location: stackLocation(output, index) ?? (from === undefined ? undefined : { file: from }),
    details: { path, importer: from, package: name, specifier: name },
  }
}

function packageConfig(draft: Draft, sighting: Sighting): Draft {
  const { line, output, index } = sighting
  const path = /"?((?:[A-Za-z]:)?[^\s"]{0,500}package\.json)"?/.exec(line)?.[1]
  const importer = /imported from (\S.{0,500})$/.exec(line)?.[1]
  const specifier = /(?:specifier |module )["']([^"']{1,500})["']/.exec(line)?.[1]
  const file = importer ?? stackLocation(output, index)?.file ?? path
  return { ...draft, location: file === undefined ? undefined : { file }, details: { path, importer, specifier } }
}

function engine(draft: Draft, { output, index, line }: Sighting): Draft {
  const text = output.lines.slice(index, index + 4).join(' ')
  const expected =
    /(?:Expected version|requires?(?: at least)?(?: Node(?:\.js|JS)?| node| Python| rustc)?(?: version)?:?|Your Node version is incompatible.{0,200}Expected version:) ["']?([v^~<>=\d][^"'\s,;]{0,40}(?: ?\|\| ?[^"'\s,;]{1,40}){0,4})/i.exec(
      text,
    )?.[1]
  const actual =
    /(?:Got:? ?|you are using |You are running |current(?:ly)?(?: version)? ?(?:is|:)? ?|running |found |using |with )(?:Node(?:\.js)? |node |Python )?["']?v?(\d{1,3}\.\d[\w.]{0,20})/i.exec(
      text,
    )?.[1]
  return { ...draft, message: line, details: { expected, actual } }
}

function configFile(draft: Draft, sighting: Sighting): Draft | undefined {
  const { line, output, index } = sighting
  const deserialized = /^([^\s:]{1,400}):(\d{1,7}):(\d{1,7}) deserialize /.exec(line)
  if (deserialized !== null)
    return {
      ...draft,
      tool: 'biome',
      message:
        output.lines
          .slice(index + 1, index + 4)
          .find((next) => next !== '')
          ?.replace(/^[×✖] /u, '') ?? line,
      location: locationOf(deserialized[1], deserialized[2], deserialized[3]),
    }
  // What cannot be read may be badly written: that is said here or in the next lines.
  const parsed = [line, ...output.lines.slice(index + 1, index + 3)].map(surely).find((reading) => reading?.category === 'syntax')
  if (parsed !== undefined && /\b(?:load|read|parse|invalid JSON)\b/.test(line))
    return { ...draft, category: 'syntax', code: 'SYNTAX_ERROR', location: fileNamed(line) }
  const lacking = /Could not find "(?<specifier>[^"]{1,200})"\. Do you need to install/.exec(line)?.groups?.['specifier']
  if (lacking !== undefined)
    return { ...draft, category: 'dependency', code: 'MODULE_NOT_FOUND', details: { specifier: lacking } }
  // Whoever cannot load a configuration says next what is wrong with it.
  const rank =
    /(?:[Ff]ailed|[Cc]ould(?: not|n't)) (?:to )?load (?:the )?(?:config|"|your )|exited because the configuration/.test(line)
      ? 'wrapper'
      : draft.rank
  const near = [line, ...output.lines.slice(index + 1, index + 2)].join('\n')
  const file =
    /(?<=^|[\s"'`:(])((?:[A-Za-z]:)?(?:[^\s"'`:()\\/]{0,100}[\\/]){0,30}(?:[\w.-]{0,60}config[\w.-]{0,40}\.(?:json|[cm]?[jt]s|ya?ml|toml)|\.[a-z]{2,20}rc(?:\.\w{1,5})?|\.env[\w.-]{0,20}))(?=$|[\s"'`:(),])/.exec(
      near,
    )?.[1]
  return { ...draft, rank, location: file === undefined ? stackLocation(output, index) : { file } }
}

function fileNamed(line: string): Draft['location'] {
  return locationOf(/(?<=^|[\s"'`(])([^\s"'`:()]{1,300}\.(?:jsonc?|json5|ya?ml|toml|xml|ini|[cm]?[jt]s))\b/.exec(line)?.[1])
}
