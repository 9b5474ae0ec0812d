import { lineAt, oncePerOutput } from './output.js'
import { boxPlace, fileHeader, placeAbove, placeBelow } from './place.js'
import { locationOf, type Draft, type Rule, type Sighting } from './rule.js'
import { stackLocation } from './stack.js'

/** Linters say "Expected … to be …" of style. */
const lintKinds = ['plain', 'assertion'] as const

/** Linters and formatters: mild, unless the linter itself could not run. */
export const lintRules: readonly Rule[] = [
  {
    hints: [' error ', ' warning '],
    // ESLint stylish: 3:7  error  message  rule
    pattern:
      /^(?<line>\d{1,7}):(?<column>\d{1,7})\s{1,8}(?<level>error|warning)\s{1,8}(?<message>\S.{0,400}?)(?:\s{2,80}(?<rule>[@\w][\w/@-]{0,120}))?$/,
    category: 'build',
    code: 'LINT',
    severity: 'low',
    rank: 'lint',
    kinds: lintKinds,
    tool: 'eslint',
    refine: eslint,
  },
  {
    hints: ['"ruleId"'],
    // ESLint's JSON
    pattern:
      /(?:"filePath":"(?<file>[^"]{1,400})".{0,200})?"ruleId":"(?<rule>[^"]{1,120})","severity":\d,"message":"(?<message>[^"]{1,300})","line":(?<line>\d{1,7}),"column":(?<column>\d{1,7})/,
    category: 'build',
    code: 'LINT',
    severity: 'low',
    rank: 'lint',
    kinds: lintKinds,
    tool: 'eslint',
    refine: (draft, { groups }) => ({ ...draft, details: { name: groups['rule'] } }),
  },
  {
    hints: [': error', ': warning', '[Error/', '[Warning/', ': Error', 'rror - ', 'arning - '],
    // ESLint unix and compact, Stylelint, Ruff and the like: file:line:col: message [rule]
    pattern:
      /^(?<file>[^\s:]{1,400}):(?:(?<line>\d{1,7}):(?<column>\d{1,7}): |\s{1,2}line \d{1,7}, col \d{1,7}, )(?<message>.{1,400}?) [[(](?:(?:Error|Warning|error|warning)\/)?(?<rule>[@\w][\w/@-]{1,120})[\])]$/,
    category: 'build',
    code: 'LINT',
    severity: 'low',
    rank: 'lint',
    kinds: lintKinds,
  },
  {
    hints: ['.py:', '.rb:', '.sh:', '.css:', '.md:', '.yml:', '.yaml:'],
    // Ruff, Flake8, Pylint, RuboCop, markdownlint: file:line:col: CODE message
    pattern:
      /^(?<file>[^\s:]{1,400}):(?<line>\d{1,7})(?::(?<column>\d{1,7}))?:? (?:[CEFIRW]: )?(?:\[\w{1,20}\] )?(?<rule>(?:[A-Z]{1,5}\d{2,5}(?:\/[\w-]{1,60})?|[A-Z]\w{1,30}\/\w{1,60})):? (?<message>.{1,300})$/,
    category: 'build',
    code: 'LINT',
    severity: 'low',
    rank: 'lint',
    kinds: lintKinds,
    refine: (draft, { groups }) => ({ ...draft, details: { name: groups['rule'] } }),
  },
  {
    hints: ['✖ '],
    // commitlint
    pattern: /^✖\s{1,6}(?<message>.{1,200}) \[(?<rule>[\w-]{1,60})\]$/u,
    category: 'build',
    code: 'LINT',
    severity: 'low',
    rank: 'lint',
    kinds: lintKinds,
    refine: (draft, { groups }) => ({ ...draft, details: { name: groups['rule'] } }),
  },
  {
    hints: ['✖', '⚠', '×'],
    // Stylelint: 3:7  ✖  message  rule
    pattern:
      /^(?<line>\d{1,7}):(?<column>\d{1,7})\s{1,8}[✖⚠×]\s{1,8}(?<message>\S.{0,400}?)(?:\s{1,80}(?<rule>[@\w][\w/@-]{2,120}))?$/u,
    category: 'build',
    code: 'LINT',
    severity: 'low',
    rank: 'lint',
    kinds: lintKinds,
    tool: 'stylelint',
    refine: (draft, sighting) =>
      /CssSyntaxError/.test(sighting.line)
        ? {
            ...draft,
            category: 'syntax',
            code: 'CSS_SYNTAX',
            severity: 'high',
            rank: 'cause',
            location: locationOf(fileHeader(sighting), sighting.groups['line'], sighting.groups['column']),
          }
        : {
            ...draft,
            location: locationOf(fileHeader(sighting), sighting.groups['line'], sighting.groups['column']),
            details: { name: sighting.groups['rule'] },
          },
  },
  {
    hints: [' lint/', ' format ', ' assist/', ' organizeImports'],
    // Biome: src/a.js:3:7 lint/suspicious/noDoubleEquals ━━━
    pattern:
      /^(?<file>[^\s:]{1,400})(?::(?<line>\d{1,7}):(?<column>\d{1,7}))? (?<rule>lint\/[\w/]{1,120}|format|assist\/[\w/]{1,120}|organizeImports)(?:\s+(?:FIXABLE\s+)?[━─]{3,400})$/u,
    category: 'build',
    code: 'LINT',
    severity: 'low',
    rank: 'lint',
    kinds: lintKinds,
    tool: 'biome',
    refine: (draft, { groups, output, index }) => ({
      ...draft,
      code: groups['rule'] === 'format' ? 'FORMAT' : 'LINT',
      message:
        output.lines
          .slice(index + 1, index + 4)
          .find((line) => line !== '')
          ?.replace(/^[×✖!i] /u, '') ?? draft.message,
      details: { name: groups['rule'] },
    }),
  },
  {
    hints: ['eslint(', 'typescript(', 'unicorn(', 'oxc(', 'import(', 'typescript-eslint(', 'eslint-plugin'],
    // oxlint
    pattern: /^[⚠×x!] (?<rule>(?:[\w-]{1,40}\([\w-]{1,80}\))): (?<message>.{1,400})$/u,
    category: 'build',
    code: 'LINT',
    severity: 'low',
    rank: 'lint',
    kinds: lintKinds,
    tool: 'oxlint',
    refine: (draft, sighting) => ({ ...draft, location: boxPlace(sighting), details: { name: sighting.groups['rule'] } }),
  },
  {
    hints: [
      'Code style issues',
      'ormatting',
      'ould be reformatted',
      'ould reformat',
      'not formatted',
      'Diff in ',
      'gofmt',
      'needs formatting',
      'File content differs from formatting',
    ],
    pattern:
      /Code style issues |would be reformatted|[Ww]ould reformat|is not formatted|not (?:properly )?formatted|formatting differs|File content differs from formatting|^Diff in \S{1,300}:\d{1,7}:?$|Some errors were emitted while.{0,60}formatting/,
    category: 'build',
    code: 'FORMAT',
    severity: 'low',
    rank: 'lint',
    kinds: ['plain', 'log'],
    refine: (draft, sighting) => ({ ...draft, location: draft.location ?? unformatted(sighting) }),
  },
  {
    hints: [' problem', 'max-warnings', 'too many warnings'],
    pattern:
      /^(?:✖|×|✘)? ?(?<message>(?:(?<count>\d{1,7}) problems? \(\d{1,7} errors?, \d{1,7} warnings?\)|ESLint found too many warnings.{0,100}|Found \d{1,7} (?:errors?|warnings?|problems?)\b.{0,100}))$/u,
    category: 'build',
    code: 'LINT',
    severity: 'low',
    rank: 'wrapper',
  },
]

/** Bundlers and compilers that could not build, when the reason is none of the better known ones. */
export const buildRules: readonly Rule[] = [
  {
    hints: ['[ERROR]'],
    pattern: /^[✘X] \[ERROR\] (?<message>.{1,400})$/u,
    category: 'build',
    code: 'BUILD_FAILED',
    rank: 'compile',
    tool: 'esbuild',
    refine: (draft, sighting) => ({ ...draft, location: placeBelow(sighting) }),
  },
  {
    hints: ['ERROR: ', ': ERROR:'],
    pattern: /^(?<file>[^\s:]{1,500}):(?<line>\d{1,7}):(?<column>\d{1,7}): ERROR: (?<message>.{1,400})$/,
    category: 'build',
    code: 'BUILD_FAILED',
    rank: 'compile',
    tool: 'esbuild',
  },
  {
    hints: ['RollupError', '[vite]', '[!]', '[vite:', 'plugin '],
    pattern:
      /RollupError: .{1,400}|\[!\] \(plugin .{1,400}|\[!\] .{0,40}Error: .{1,400}|\[vite(?::[\w-]{1,40})?\] .{0,40}(?:[Ee]rror|[Ff]ailed)|\[plugin:[\w:-]{1,60}\] .{1,300}/,
    category: 'build',
    code: 'BUILD_FAILED',
    rank: 'compile',
    refine: (draft, sighting) => ({
      ...draft,
      rank: /Transform failed/.test(sighting.line) ? 'wrapper' : draft.rank,
      location: placeBelow(sighting) ?? stackLocation(sighting.output, sighting.index),
    }),
  },
  {
    hints: ['Module build failed', 'ModuleBuildError', 'ERROR in', 'Module Error', 'ModuleNotFoundError: Module not found'],
    pattern: /^(?<message>(?:Module build failed .{1,300}|ModuleBuildError: .{1,300}|ERROR in (?<file>\S{1,300}).{0,200}))$/,
    category: 'build',
    code: 'BUILD_FAILED',
    rank: 'compile',
    tool: 'webpack',
    refine: webpack,
  },
  {
    hints: [
      'ailed to compile',
      'Running target',
      'uild failed',
      'ransform failed',
      'ompilation failed',
      'BUILD FAILED',
      'BUILD FAILURE',
      'errors and',
      'ould not compile',
      'uild error',
      'ompiled with',
      'Error during build',
      'error during build',
    ],
    pattern:
      /^(?:[^\w]{0,6})(?:\[\w{1,10}\] )?(?:Error: )?(?<message>(?:Failed to compile\b.{0,100}|NX\s{1,8}Running target .{1,200} failed|(?:✗ )?Build failed(?: (?:with|in|due|after).{0,100}|[.:].{0,200})?|Transform failed with \d{1,6} errors?:?|.{0,60}[Cc]ompilation failed.{0,100}|BUILD FAIL(?:ED|URE).{0,100}|webpack .{0,60}compiled with \d{1,6} errors?.{0,60}|error: could not compile .{1,100}|[Ee]rror during build:?|> Build error occurred|.{0,60}Build optimization failed.{0,100}))$/u,
    category: 'build',
    code: 'BUILD_FAILED',
    rank: 'wrapper',
    always: true,
    refine: (draft, { output, line }) =>
      output.exitCode === 0 && !/Failed to compile|compiled with/.test(line) ? undefined : draft,
  },
]

const hasLintErrors = oncePerOutput(({ lines }) => lines.some((line) => /^\d{1,7}:\d{1,7}\s{1,8}error\s/.test(line)))

function eslint(draft: Draft, sighting: Sighting): Draft | undefined {
  const { level, line, column, rule } = sighting.groups
  const location = locationOf(fileHeader(sighting), line, column)
  if (/^Parsing error: .{0,200}(?:ESLint was configured|parserOptions|TSConfig)/.test(draft.message))
    return { ...draft, category: 'configuration', code: 'CONFIG_INVALID', severity: 'high', rank: 'cause', location, details: {} }
  if (/^Parsing error: /.test(draft.message))
    return {
      ...draft,
      category: 'syntax',
      code: 'SYNTAX_ERROR',
      severity: 'high',
      rank: 'cause',
      location,
      message: draft.message,
      details: {},
    }
  if (/(?:^|\/)no-unresolved$/.test(rule ?? '')) {
    return {
      ...draft,
      category: 'dependency',
      code: 'MODULE_NOT_FOUND',
      severity: 'high',
      rank: 'cause',
      location,
      details: { specifier: /module '([^']{1,500})'/.exec(draft.message)?.[1], importer: location?.file },
    }
  }
  // A warning fails a command only by a limit on their number; errors come first.
  if (level === 'warning' && hasLintErrors(sighting.output)) return undefined
  return { ...draft, location, details: { name: rule } }
}

function unformatted({ output, index }: Sighting): Draft['location'] {
  for (let at = index - 1; at >= Math.max(0, index - 30); at -= 1) {
    const file = /^(?:\[warn\] )?([^\s:]{1,400}\.[A-Za-z]{1,8})$/.exec(lineAt(output, at))?.[1]
    if (file !== undefined) return { file }
  }
  return undefined
}

/** webpack prints the file first and the reason on the next line, which another rule may know. */
function webpack(draft: Draft, sighting: Sighting): Draft | undefined {
  const { line, output, index } = sighting
  const next = output.lines.slice(index + 1, index + 4).join('\n')
  if (/^ERROR in /.test(line)) {
    if (/Can't resolve|parse failed|TS\d{3,5}|Module build failed|SyntaxError/.test(`${line}\n${next}`)) return undefined
    return {
      ...draft,
      message: lineAt(output, index + 1) === '' ? line : lineAt(output, index + 1),
      location: placeAbove({ output, index: index + 1 }),
    }
  }
  const reason = output.lines.slice(index + 1, index + 4).find((text) => /(?:Syntax|Type|Reference)?Error: /.test(text))
  if (reason !== undefined && /SyntaxError|Cannot find|TS\d{3,5}/.test(reason)) return undefined
  return { ...draft, message: reason ?? draft.message, location: placeAbove(sighting) }
}
