import { lineAt } from './output.js'
import { boxPlace, bracketPlace, countedFromZero, fileHeader, fileNamed, placeAbove, placeBelow } from './place.js'
import { type Draft, firstMatch, locationOf, placeOf, type Rule, type Sighting } from './rule.js'
import { headerLocation, stackEnd, stackLocation } from './stack.js'
import { isThrownByProgram } from './thrown.js'

/** Source and data that cannot be parsed, as the JavaScript world says it. */
export const syntaxRules: readonly Rule[] = [
  {
    hints: [
      'Cannot use import statement outside a module',
      "Unexpected token 'export'",
      "Cannot use 'import.meta' outside a module",
    ],
    pattern:
      /SyntaxError: (?<message>Cannot use import statement outside a module|Unexpected token 'export'|Cannot use 'import\.meta' outside a module)/,
    category: 'configuration',
    code: 'ESM_IN_COMMONJS',
    tool: 'node',
    refine: sourcePlace,
  },
  {
    hints: ['JSON', 'Unexpected token', 'Unexpected non-whitespace', 'Unexpected string'],
    // V8's messages of JSON.parse: they all name JSON, and a position, a quotation or an end.
    pattern:
      /(?:Expected|Unexpected|Unterminated|Bad|No number|Exponent|Missing|Invalid)\b.{0,300}? (?:in|of) JSON\b(?: input| at position| data)?|(?:Unexpected token|Expected|Unterminated string).{0,300}? is not valid JSON|"undefined" is not valid JSON|JSON Parse error: .{1,300}|JSON\.parse: .{1,300}/,
    category: 'syntax',
    code: 'JSON_SYNTAX',
    // A test that hands JSON to the program: the program is at fault, or the test.
    refine: (draft, sighting) => (isThrownByProgram(sighting.output, sighting.index) ? undefined : jsonPlace(draft, sighting)),
  },
  {
    hints: [
      'EJSONPARSE',
      'JSON.parse',
      'Invalid package config',
      'JSON_PARSE',
      'Failed to parse JSON',
      'Failed to parse package.json',
      'Error parsing',
      'rror reading',
      'Unable to parse',
      'Failed to parse',
    ],
    pattern:
      /npm (?:error|ERR!) (?:code EJSONPARSE|JSON\.parse )|ERR_PNPM_JSON_PARSE|Invalid package config|Failed to parse JSON|Error parsing|Error reading|Unable to parse|Failed to parse/,
    category: 'syntax',
    code: 'JSON_SYNTAX',
    refine: (draft, sighting) => (/json/i.test(sighting.line) ? jsonPlace(draft, sighting) : undefined),
  },
  {
    hints: ['JSONDecodeError'],
    pattern: /JSONDecodeError: (?<message>.{1,300}?: line (?<line>\d{1,7}) column (?<column>\d{1,7}).{0,60})/,
    category: 'syntax',
    code: 'JSON_SYNTAX',
    tool: 'python',
    refine: (draft, { groups }) => ({ ...draft, details: { line: Number(groups['line']), column: Number(groups['column']) } }),
  },
  {
    hints: ['ERR_INVALID_TYPESCRIPT_SYNTAX', 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX'],
    pattern: /SyntaxError \[(?<code>ERR_(?:INVALID|UNSUPPORTED)_TYPESCRIPT_SYNTAX)\]: (?<message>.{1,400})/,
    category: 'syntax',
    tool: 'node',
    refine: sourcePlace,
  },
  {
    // Babel, Prettier and Parcel: the file in front, the place behind.
    hints: ['SyntaxError: ', 'SyntaxError in '],
    pattern:
      /(?:^|\s)(?:(?<file2>\S{1,400}\.\w{1,6}): )?SyntaxError: (?:\[.{1,80}?\] )?(?:(?<file>(?:[A-Za-z]:)?[^\s:()]{1,500}\.[A-Za-z]{1,6}): )?(?<message>[^\n]{1,500}?)\.? ?\((?<line>\d{1,7}):(?<column>\d{1,7})\)\.?$/,
    category: 'syntax',
    code: 'SYNTAX_ERROR',
    kinds: ['plain', 'log'],
    refine: babelPlace,
  },
  {
    hints: ['SyntaxError', 'IndentationError', 'TabError'],
    pattern:
      /^(?:Error: While loading \S{1,400}: |.{0,60}?\b)?(?:Uncaught )?(?<kind>SyntaxError|IndentationError|TabError)(?: \[\w{1,60}\]|\[ @(?<file>[^\]\s]{1,400}) \])?: (?<message>.{1,500})/,
    category: 'syntax',
    code: 'SYNTAX_ERROR',
    refine: (draft, sighting) =>
      sighting.groups['kind'] === 'SyntaxError' && isThrownByProgram(sighting.output, sighting.index)
        ? undefined
        : sourcePlace({ ...draft, details: {} }, sighting),
  },
  {
    hints: ['- SyntaxError: '],
    // AVA's TAP tells of a file that cannot be loaded as of a test.
    pattern: /^not ok \d{1,7} - SyntaxError: (?<message>.{1,400})$/,
    category: 'syntax',
    code: 'SYNTAX_ERROR',
    kinds: ['title'],
    tool: 'ava',
    refine: (draft, { output, index }) => ({ ...draft, location: loadedFile(output, index) }),
  },
  {
    hints: ['[ERROR]'],
    // esbuild, also inside tsup and Vite.
    pattern:
      /^[✘X] \[ERROR\] (?<message>(?:Expected .{1,200} but found|Unexpected |Unterminated |Syntax error|Invalid (?:character|escape|assignment|regular|number)|The symbol ".{1,200}" has already been declared|Expected |Missing |JSON does not|Legacy |Cannot use "|"await" can only|Top-level return).{0,300})/u,
    category: 'syntax',
    code: 'SYNTAX_ERROR',
    tool: 'esbuild',
    refine: (draft, sighting) => ({ ...draft, location: countedFromZero(placeBelow(sighting)), lineLast: sighting.index + 4 }),
  },
  {
    hints: [': ERROR: ', ': error: '],
    // esbuild's other form.
    pattern:
      /^(?:error: )?(?<file>(?:[A-Za-z]:)?[^\s:]{1,500}):(?<line>\d{1,7}):(?<column>\d{1,7}): ERROR: (?<message>(?:Expected|Unexpected|Unterminated|Syntax|Invalid|The symbol).{0,300})/,
    category: 'syntax',
    code: 'SYNTAX_ERROR',
    tool: 'esbuild',
    refine: (draft) => ({ ...draft, location: countedFromZero(draft.location) }),
  },
  {
    hints: ['Module parse failed', 'Parse failure', 'PARSE_ERROR', 'Parse error', 'parse error', 'Parsing error'],
    pattern:
      /(?<message>(?:Module parse failed|Parse failure|\[PARSE_ERROR\]|Parse error|parse error|Parsing error):? .{1,300}?)(?: \((?<line>\d{1,7}):(?<column>\d{1,7})\))?$/,
    category: 'syntax',
    code: 'SYNTAX_ERROR',
    refine: (draft, sighting) =>
      /ESLint was configured|parserOptions/.test(sighting.line)
        ? undefined
        : (unloadable(draft, sighting) ?? parsePlace(draft, sighting)),
  },
  {
    hints: ['RollupError', '[vite', '[plugin', '[!]'],
    pattern:
      /(?:RollupError|\[vite(?::[\w-]{1,60})?\]|\[plugin:? ?[\w:-]{1,60}\]|\[!\](?: \(plugin [\w:-]{1,60}\))?):? (?:\w{0,20}Error: )?(?:(?<file>\S{1,400}?) \((?<line>\d{1,7}):(?<column>\d{1,7})\): )?(?<message>(?:Parse error|Expected|Unexpected|Unterminated|Identifier|'\w+' has already|Expression expected).{0,300})/,
    category: 'syntax',
    code: 'SYNTAX_ERROR',
    tool: 'rollup',
    refine: (draft, sighting) => ({
      ...draft,
      location: draft.location === undefined ? (placeBelow(sighting) ?? bracketPlace(sighting)) : countedFromZero(draft.location),
    }),
  },
  {
    hints: ['Expected', 'Unexpected', 'Unterminated', 'Expression expected', 'expected', 'Identifier'],
    // swc, oxc, Biome, rolldown: a cross, the message, and the place in a box below.
    pattern:
      /^(?:Error: )?\s{0,8}[x×✖⨯]\s{1,4}(?:\[PARSE_ERROR\](?: Error:)? )?(?<message>(?:Expected|Unexpected|Unterminated|Expression expected|Invalid (?:character|Unicode)|Identifier|Syntax|expected|unterminated|unexpected|missing)\b.{0,300})/u,
    category: 'syntax',
    code: 'SYNTAX_ERROR',
    refine: (draft, sighting) => {
      const location = boxPlace(sighting) ?? placeAbove(sighting)
      return location === undefined ? undefined : { ...draft, location }
    },
  },
  {
    hints: ['Failed to parse source for import analysis'],
    pattern: /Failed to parse source for import analysis/,
    category: 'syntax',
    code: 'SYNTAX_ERROR',
    tool: 'vite',
    refine: (draft, { output, index }) => {
      const match = firstMatch(
        output.lines.slice(index, index + 6),
        /^File: (?<file>.{1,400}?):(?<line>\d{1,7}):(?<column>\d{1,7})$/,
      )
      return { ...draft, location: placeOf(match), lineLast: stackEnd(output, index + 3) }
    },
  },
  {
    hints: [' parse ━', ' parse ─'],
    pattern: /^(?<file>[^\s:]{1,400}):(?<line>\d{1,7}):(?<column>\d{1,7}) parse [━─]{3,400}$/u,
    category: 'syntax',
    code: 'SYNTAX_ERROR',
    tool: 'biome',
    refine: (draft, { output, index }) => ({
      ...draft,
      message:
        output.lines
          .slice(index + 1, index + 4)
          .find((line) => line !== '')
          ?.replace(/^[×✖] /u, '') ?? draft.message,
      lineLast: index + 3,
    }),
  },
  {
    hints: ['error: Expected', 'error: Unexpected', 'error: Unterminated', 'error: Syntax'],
    // Bun
    pattern: /^error: (?<message>(?:Expected|Unexpected|Unterminated|Syntax)\b.{0,300})$/,
    category: 'syntax',
    code: 'SYNTAX_ERROR',
    refine: (draft, { output, index }) => {
      const location = stackLocation(output, index)
      return location === undefined ? undefined : { ...draft, location }
    },
  },
  {
    hints: ['Error: '],
    // Sass draws the place in a box and names it below.
    pattern: /^Error: (?<message>.{1,300})$/,
    category: 'syntax',
    code: 'CSS_SYNTAX',
    tool: 'sass',
    refine: (draft, { output, index }) => {
      if (output.lines[index + 1] !== '╷') return undefined
      const match = firstMatch(
        output.lines.slice(index + 2, index + 8),
        /^(?<file>\S{1,400}\.(?:s[ac]ss|css)) (?<line>\d{1,7}):(?<column>\d{1,7})\s/,
      )
      const told = { ...draft, location: placeOf(match), lineLast: index + 5 }
      // Well written, and still not to be compiled.
      return /^Undefined |^There is no module/.test(draft.message)
        ? { ...told, category: 'build', code: 'COMPILE_ERROR', rank: 'compile' }
        : told
    },
  },
  {
    hints: ['Syntax Error: ', 'GraphQLError: Syntax Error'],
    pattern: /\bSyntax Error: (?:Expected|Unexpected|Unterminated|Cannot parse)/,
    category: 'syntax',
    code: 'SYNTAX_ERROR',
  },
  {
    hints: ['JSON5: '],
    pattern: /JSON5: .{1,200}? at (?<line>\d{1,7}):(?<column>\d{1,7})/,
    category: 'syntax',
    code: 'JSON_SYNTAX',
    refine: (draft, { groups }) => ({ ...draft, details: { line: Number(groups['line']), column: Number(groups['column']) } }),
  },
  {
    hints: ['CssSyntaxError'],
    pattern: /CssSyntaxError: (?:(?<file>[^\s:]{1,500}):(?<line>\d{1,7}):(?<column>\d{1,7}): )?(?<message>.{1,300})/,
    category: 'syntax',
    code: 'CSS_SYNTAX',
  },
  {
    hints: [
      'YAMLException',
      'YAMLParseError',
      'YAMLSemanticError',
      'YAMLSyntaxError',
      'yaml: line',
      'yaml.scanner',
      'yaml.parser',
      'error converting YAML',
      'yaml: unmarshal',
    ],
    pattern: /YAMLException|YAML(?:Parse|Semantic|Syntax)Error|yaml(?::|\.scanner|\.parser)/,
    category: 'syntax',
    code: 'YAML_SYNTAX',
    refine: yamlPlace,
  },
]

/** Where the source is wrong: V8 prints it above, Python too, Vite and Babel below. */
function sourcePlace(draft: Draft, { output, index, groups }: Sighting, keepGroups = false): Draft {
  const above = headerLocation(output, index) ?? pythonFile(output.lines, index)
  const below = placeBelow({ output, index }) ?? stackLocation(output, index)
  const given = keepGroups ? groups : {}
  const file = above?.file ?? below?.file
  const location =
    given['line'] === undefined || file === undefined ? (above ?? below) : locationOf(file, given['line'], given['column'])
  return { ...draft, location: location ?? draft.location ?? loadedFile(output, index), lineLast: stackEnd(output, index) }
}

/** Runners that do not tell the broken file name the test that loads it. */
function loadedFile({ lines }: Sighting['output'], index: number): Draft['location'] {
  const near = lines.slice(Math.max(0, index - 3), index + 1)
  const match =
    firstMatch(near, /^Uncaught exception in (?<file>\S{1,400})$/) ?? // AVA
    firstMatch(near, /While loading (?<file>\S{1,400}): SyntaxError/) ?? // Jasmine
    firstMatch(lines.slice(index + 1, index + 10), /^not ok \d{1,7} - (?<file>\S{1,400}) exited with/)
  return placeOf(match)
}

function pythonFile(lines: readonly string[], index: number): Draft['location'] {
  for (let at = index - 1; at >= Math.max(0, index - 4); at -= 1) {
    const match = /^(?:E\s{1,12})?File "(?<file>[^"]{1,500})", line (?<line>\d{1,7})/.exec(lines[at] ?? '')
    if (match !== null) return placeOf(match)
  }
  return undefined
}

/** Babel counts columns from 0, Prettier made them count from 1. */
function babelPlace(draft: Draft, sighting: Sighting): Draft {
  const { file, file2, line, column } = sighting.groups
  const prettier = sighting.line.startsWith('[error]')
  const named = locationOf(file ?? file2, line, column)
  const placed = named === undefined ? sourcePlace(draft, sighting, true) : { ...draft, location: named }
  return { ...placed, location: prettier ? placed.location : countedFromZero(placed.location), details: {} }
}

function jsonPlace(draft: Draft, sighting: Sighting): Draft {
  const { output, index, line } = sighting
  const near = output.lines.slice(Math.max(0, index - 3), index + 7)
  const text = [line, ...near].join('\n')
  const place =
    /\(line (\d{1,7}) column (\d{1,7})\)|line (\d{1,7}),? col(?:umn)? (\d{1,7})|\.json[c5]?:(\d{1,7})(?::(\d{1,7}))?/.exec(text)
  const position = /at position (\d{1,9})/.exec(text)?.[1]
  const file = draft.location?.file ?? jsonFile(sighting, near)
  const location = locationOf(file, place?.[1] ?? place?.[3] ?? place?.[5], place?.[2] ?? place?.[4] ?? place?.[6])
  return {
    ...draft,
    location,
    details: { position: position === undefined ? undefined : Number(position) },
    lineLast: Math.max(index, stackEnd(output, index)),
  }
}

const jsonName = /[\w-]\.(?:json|jsonc|json5|webmanifest|map)$|\.(?:eslintrc|prettierrc|babelrc|swcrc|nycrc)$/

/** The JSON file that is meant: named on the line, near it, or above it as V8 does. */
function jsonFile({ output, index, line }: Sighting, near: readonly string[]): string | undefined {
  for (const text of [line, ...near]) {
    const name = fileNamed(text, jsonName)
    if (name !== undefined) return name
  }
  const header = headerLocation(output, index)
  return header !== undefined && /\.json/.test(header.file) ? header.file : undefined
}

function parsePlace(draft: Draft, sighting: Sighting): Draft | undefined {
  if (/ on line \d{1,7}$/.test(sighting.line)) return undefined // PHP
  const above = placeAbove(sighting)
  const below = boxPlace(sighting) ?? placeBelow(sighting) ?? bracketPlace(sighting)
  const file = draft.location?.file ?? above?.file ?? below?.file
  const { line, column } = sighting.groups
  const inLine = /^(\d{1,7}):(\d{1,7})\s/.exec(sighting.line)
  const location =
    line !== undefined
      ? countedFromZero(locationOf(file, line, column))
      : inLine !== null
        ? locationOf(above?.file ?? fileHeader(sighting), inLine[1], inLine[2])
        : (above ?? below)
  return { ...draft, location }
}

const yamlName = /[\w-]\.ya?ml$/

function yamlPlace(draft: Draft, { output, index, line }: Sighting): Draft {
  const text = [line, ...output.lines.slice(index + 1, index + 6)].join('\n')
  const file = fileNamed(text, yamlName) ?? fileNamed(lineAt(output, index - 1), yamlName)
  const place = /line (\d{1,7})(?:,? col(?:umn)? (\d{1,7}))?|\((\d{1,7}):(\d{1,7})\)/.exec(text)
  return { ...draft, location: locationOf(file, place?.[1] ?? place?.[3], place?.[2] ?? place?.[4]) }
}

/** webpack reads what no loader has taken as JavaScript; an image or a style sheet is not wrong for that. */
function unloadable(draft: Draft, sighting: Sighting): Draft | undefined {
  const { output, index } = sighting
  if (!draft.message.startsWith('Module parse failed')) return undefined
  const needsLoader = output.lines.slice(index + 1, index + 5).some((line) => line.includes('need an appropriate loader'))
  const location = placeAbove(sighting)
  const code = /\.(?:[cm]?[jt]sx?|json5?|vue|svelte)$/.test(location?.file ?? '.js')
  return !needsLoader || code ? undefined : { ...draft, category: 'build', code: 'LOADER_MISSING', rank: 'compile', location }
}
