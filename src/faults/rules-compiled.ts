import { lineAt } from './output.js'
import { placeBelow } from './place.js'
import { type Draft, firstMatch, locationOf, placeOf, type Rule, type Sighting } from './rule.js'

/** Rust, Go, C, Java and the tools that drive them. */
export const compiledRules: readonly Rule[] = [
  {
    hints: ['error[E', 'error: '],
    // rustc: error[E0308]: mismatched types, the place below after an arrow
    pattern: /^error(?:\[(?<code>E\d{4})\])?: (?<message>.{1,400})$/,
    category: 'build',
    rank: 'compile',
    tool: 'rustc',
    refine: rust,
  },
  {
    hints: [
      'no matching package',
      'failed to select a version',
      'failed to parse manifest',
      'failed to parse lock file',
      'could not find `Cargo.toml`',
      'failed to load manifest',
      'failed to load source for dependency',
      'no such command',
    ],
    pattern:
      /^(?:error: )?(?<message>(?:no matching package (?:named|found).{0,200}|failed to select a version for .{1,200}|failed to parse manifest at .{1,300}|failed to parse lock file .{1,300}|could not find `Cargo\.toml` .{1,200}))$/,
    category: 'dependency',
    code: 'PACKAGE_NOT_FOUND',
    tool: 'cargo',
    refine: (draft, { line, output, index }) => {
      const name = /(?:named|for(?: the requirement)?) `([^`\s]{1,200})/.exec(line)?.[1]
      // Cargo names the reason below; a manifest may be well written and still ask for what there is not.
      if (
        /parse manifest/.test(line) &&
        /^(?!.*(?:TOML|pars|expected|unclosed|unexpected|missing|invalid type)).{1,300}$/.test(
          lineAt(output, index + 3) || lineAt(output, index + 2),
        )
      )
        return {
          ...draft,
          category: 'configuration',
          code: 'CONFIG_INVALID',
          location: locationOf(/at:? `?([^`\s]{1,300}\.toml)/.exec(line)?.[1] ?? 'Cargo.toml'),
        }
      if (/parse (?:manifest|lock)/.test(line))
        return {
          ...draft,
          category: 'syntax',
          code: 'TOML_SYNTAX',
          location: locationOf(/at:? `?([^`\s]{1,300}\.(?:toml|lock))/.exec(line)?.[1] ?? 'Cargo.toml'),
        }
      if (/could not find/.test(line))
        return { ...draft, category: 'configuration', code: 'ENOENT', details: { path: 'Cargo.toml' } }
      return {
        ...draft,
        code: /select a version/.test(line) ? 'VERSION_NOT_FOUND' : 'PACKAGE_NOT_FOUND',
        details: { package: name },
      }
    },
  },
  {
    hints: [
      'no required module provides package',
      'cannot find package',
      'cannot find module providing package',
      'is not in std',
      'missing go.sum entry',
      'updates to go.mod needed',
      'cannot find module',
      'go.mod file not found',
      'cannot find main module',
      'unknown revision',
      'module lookup disabled',
      'no matching versions',
      'inconsistent vendoring',
    ],
    pattern:
      /^(?:go: |(?<file>[^\s:]{1,300}\.go):(?<line>\d{1,7}):(?<column>\d{1,7}): )?(?<message>(?:no required module provides package (?<specifier>[^\s;]{1,300}).{0,200}|cannot find package "(?<specifier2>[^"]{1,300})".{0,200}|cannot find module providing package (?<specifier3>[^\s:;]{1,300}).{0,200}|package (?<specifier4>\S{1,300}) is not in std.{0,100}|.{0,200}missing go\.sum entry.{0,200}|updates to go\.mod needed.{0,100}|go\.mod file not found.{0,200}|cannot find main module.{0,200}|\S{1,300}@\S{1,100}: .{0,100}(?:unknown revision|no matching versions).{0,200}|inconsistent vendoring.{0,200}))$/,
    category: 'dependency',
    code: 'MODULE_NOT_FOUND',
    tool: 'go',
    refine: (draft, { groups, line }) => {
      const specifier = groups['specifier'] ?? groups['specifier2'] ?? groups['specifier3'] ?? groups['specifier4']
      const code = /go\.sum|updates to go\.mod|vendoring/.test(line)
        ? 'LOCKFILE_OUT_OF_STEP'
        : /unknown revision|no matching versions/.test(line)
          ? 'VERSION_NOT_FOUND'
          : 'MODULE_NOT_FOUND'
      if (/go\.mod file not found|main module/.test(line))
        return { ...draft, category: 'configuration', code: 'ENOENT', details: { path: 'go.mod' } }
      return {
        ...draft,
        code,
        details: {
          specifier,
          importer: draft.location?.file,
          package: code === 'VERSION_NOT_FOUND' ? /(\S{1,300})@/.exec(line)?.[1] : undefined,
        },
      }
    },
  },
  {
    hints: ['.go:'],
    pattern:
      /^(?:\.\/|vet: (?:\.\/)?)?(?<file>[^\s:]{1,300}\.go):(?<line>\d{1,7})(?::(?<column>\d{1,7}))?: (?<message>.{1,400})$/,
    category: 'build',
    code: 'GO_COMPILE',
    rank: 'compile',
    tool: 'go',
    refine: go,
  },
  {
    hints: ['panic: ', 'fatal error: ', 'panicked at'],
    pattern:
      /^(?<message>panic: .{1,300}|fatal error: (?:all goroutines are asleep.{0,60}|concurrent map .{1,60}|.{0,40}out of memory.{0,60})|thread '[^']{1,200}' (?:\(\d{1,12}\) )?panicked at .{1,300})$/,
    category: 'runtime',
    code: 'PANIC',
    rank: 'crash',
    refine: panic,
  },
  {
    hints: ['fatal error: '],
    pattern:
      /^(?<file>[^\s:]{1,400}):(?<line>\d{1,7}):(?:(?<column>\d{1,7}):)? fatal error: (?<message>'?(?<specifier>[^':\s]{1,300})'?(?:: No such file or directory| file not found))$/,
    category: 'dependency',
    code: 'MODULE_NOT_FOUND',
    tool: 'gcc',
    refine: (draft) => ({ ...draft, details: { ...draft.details, importer: draft.location?.file } }),
  },
  {
    hints: [': error: ', ': error ', '.java:', ': fatal error: ', ': error C', ': error CS'],
    // gcc, clang, javac, kotlinc, MSVC and csc
    pattern:
      /^(?:\[ERROR\] |e: )?(?<file>(?:[A-Za-z]:)?[^\s:(]{1,400}\.[A-Za-z+]{1,8})(?::(?<line>\d{1,7})(?::(?<column>\d{1,7}))?:|:\[(?<line2>\d{1,7}),(?<column2>\d{1,7})\]|\((?<line3>\d{1,7}),(?<column3>\d{1,7})\):) (?:fatal )?(?:error(?: (?<number>[A-Z]{1,3}\d{4}))?: )?(?<message>.{1,400})$/,
    category: 'build',
    code: 'COMPILE_ERROR',
    rank: 'compile',
    refine: compiled,
  },
  {
    hints: [
      'undefined reference to',
      'Undefined symbols',
      'cannot find -l',
      'ld returned',
      'symbol(s) not found',
      'unresolved external',
      'linker command failed',
      'linking with',
      'linker `cc`',
    ],
    pattern:
      /undefined reference to [`'"]?(?<name>[^`'"]{1,200})|cannot find -l(?<package>[\w.-]{1,100})|Undefined symbols for architecture .{1,60}|unresolved external symbol .{1,200}|linker command failed|linking with `cc` failed|linker `cc` not found/,
    category: 'build',
    code: 'LINK_ERROR',
    rank: 'compile',
    tool: 'ld',
    refine: (draft, { groups, output, index, line }) =>
      groups['package'] !== undefined
        ? { ...draft, category: 'dependency', code: 'LIBRARY_NOT_FOUND' }
        : // Rust and clang say first that linking failed, and below why.
          /^error: linking|linker command/.test(line) &&
            output.lines.slice(index + 1, index + 30).some((next) => /cannot find -l|undefined reference/.test(next))
          ? undefined
          : draft,
  },
  {
    hints: ['No rule to make target', 'missing separator', 'No targets specified', 'Stop.'],
    pattern:
      /^(?:make(?:\[\d{1,3}\])?: |(?<file>[^\s:]{1,300}):(?<line>\d{1,7}): )?(?:\*\*\* )?(?<message>(?:No rule to make target [`'‘]?(?<name>[^`'’]{1,200})['’]?.{0,200}|missing separator.{0,100}|No targets specified and no makefile found.{0,60}|.{0,100}commands commence before first target.{0,60}))$/u,
    category: 'build',
    code: 'MAKE_TARGET_MISSING',
    tool: 'make',
    refine: (draft, { line }) =>
      /separator|commence/.test(line)
        ? { ...draft, category: 'syntax', code: 'MAKEFILE_SYNTAX' }
        : /No targets/.test(line)
          ? { ...draft, category: 'configuration', code: 'ENOENT' }
          : /needed by/.test(line)
            ? draft
            : { ...draft, category: 'configuration' },
  },
  {
    hints: ['ould not resolve', 'ould not find artifact', 'ould not find '],
    pattern:
      /Could not resolve dependencies for project|Could not find artifact (?<package>\S{1,200})|Could not (?:find|resolve) (?<package2>[\w.-]{1,100}:[\w.-]{1,100}:\S{1,60})|Could not resolve all (?:files|dependencies|artifacts) for configuration/,
    category: 'dependency',
    code: 'PACKAGE_NOT_FOUND',
    refine: (draft, { groups }) => ({
      ...draft,
      details: { package: (groups['package'] ?? groups['package2'])?.replace(/\.$/, '') },
    }),
  },
  {
    hints: ['Exception in thread', 'ould not find or load main class'],
    pattern: /^Error: (?<message>Could not find or load main class (?<specifier>\S{1,200}))/,
    category: 'dependency',
    code: 'MODULE_NOT_FOUND',
    tool: 'java',
  },
  {
    hints: ['Exception in thread'],
    pattern: /^Exception in thread "[^"]{1,100}" (?<message>(?<name>[\w.$]{1,200})(?:: .{1,300})?)$/,
    category: 'runtime',
    code: 'UNCAUGHT_ERROR',
    rank: 'crash',
    tool: 'java',
    refine: (draft, { output, index, groups }) => {
      const match = firstMatch(
        output.lines.slice(index + 1, index + 30),
        /^at [\w.$<>]{1,300}\((?<file>[\w$]{1,200}\.(?:java|kt|scala)):(?<line>\d{1,7})\)/,
      )
      const name = groups['name'] ?? ''
      if (/ConnectException|UnknownHostException|SocketTimeoutException/.test(name)) return undefined
      if (/ClassNotFoundException|NoClassDefFoundError/.test(name))
        return {
          ...draft,
          category: 'dependency',
          code: 'MODULE_NOT_FOUND',
          details: { specifier: /: (\S{1,300})/.exec(draft.message)?.[1] },
        }
      return { ...draft, code: name.split('.').at(-1) ?? name, details: {}, location: placeOf(match) }
    },
  },
  {
    hints: [
      'cannot load such file',
      'Could not find gem',
      'Bundler::GemNotFound',
      'Class "',
      'PHP ',
      'Your requirements could not be resolved',
      'find_package',
      'could not be found in',
    ],
    pattern:
      /cannot load such file -- (?<a>\S{1,200})|Could not find gem '(?<b>[^']{1,200})'|Could not find (?<c>\S{1,130}) in any of the sources|Your requirements could not be resolved|Class "(?<d>[^"]{1,200})" not found/,
    category: 'dependency',
    code: 'MODULE_NOT_FOUND',
    refine: (draft, { groups, line }) => ({
      ...draft,
      code: /requirements could not be resolved/.test(line) ? 'PEER_CONFLICT' : draft.code,
      details: { specifier: groups['a'] ?? groups['b'] ?? groups['c'] ?? groups['d'] },
    }),
  },
  {
    hints: [' error NU1'],
    pattern: /: error (?<code>NU1\d{3}): (?<message>.{1,300})$/,
    category: 'dependency',
    tool: 'dotnet',
    refine: (draft, { line }) => ({
      ...draft,
      code: /NU110[123]/.test(line) ? 'PACKAGE_NOT_FOUND' : 'PEER_CONFLICT',
      details: { package: /package '?([\w.-]{1,200}?)'?[. ]/.exec(line)?.[1] },
    }),
  },
  {
    hints: ['CMake Error'],
    pattern: /^CMake Error at (?<file>[^\s:]{1,400}):(?<line>\d{1,7}) \((?<call>\w{1,60})\):?$/,
    category: 'build',
    code: 'BUILD_FAILED',
    tool: 'cmake',
    refine: (draft, { output, index, groups }) => {
      const words = output.lines.slice(index + 1, index + 6).join(' ')
      const missing = groups['call'] === 'find_package' || /could not find|did not find/i.test(words)
      const name = /provided by "([^"]{1,100})"|Could NOT find (\w{1,100})/.exec(words)
      return {
        ...draft,
        ...(missing ? { category: 'dependency', code: 'MODULE_NOT_FOUND' } : {}),
        message: words,
        details: { specifier: name?.[1] ?? name?.[2] },
        lineLast: index + 4,
      }
    },
  },
  {
    hints: [':in '],
    // Ruby
    pattern:
      /^(?<file>[^\s:]{1,400}\.rb):(?<line>\d{1,7}):in ['`][^']{1,200}': (?<message>.{1,400}) \((?<code>[A-Z][\w:]{1,100})\)$/,
    category: 'runtime',
    rank: 'crash',
    tool: 'ruby',
  },
  {
    hints: ['PHP Fatal error', 'Fatal error: '],
    pattern:
      /^(?:PHP )?Fatal error:\s{1,3}(?:Uncaught )?(?<message>.{1,400}?) in (?<file>[^\s:]{1,400})(?::| on line )(?<line>\d{1,7})/,
    category: 'runtime',
    code: 'UNCAUGHT_ERROR',
    rank: 'crash',
    tool: 'php',
  },
  {
    hints: ['PHP Parse error', 'Parse error: ', 'syntax error, unexpected', 'syntax errors found'],
    pattern:
      /^(?:(?<file>[^\s:]{1,300}):(?<line>\d{1,7}): )?(?<message>(?:PHP )?(?:Parse error:\s{1,3})?syntax errors?,? .{1,300})$/,
    category: 'syntax',
    code: 'SYNTAX_ERROR',
    refine: (draft, { line }) => ({
      ...draft,
      location:
        draft.location ?? locationOf(/ in (\S{1,300}) on line (\d{1,7})/.exec(line)?.[1], / on line (\d{1,7})/.exec(line)?.[1]),
    }),
  },
]

const rustMissing = new Set(['E0432', 'E0433', 'E0463', 'E0583', 'E0635'])
const rustSyntax =
  /^(?:expected|unexpected|unclosed|this file contains an unclosed|mismatched closing|unterminated|unknown start of token|missing (?:`|fn|condition|closing)|cannot find macro delim|invalid suffix|unbalanced)/

function rust(draft: Draft, sighting: Sighting): Draft | undefined {
  const { message, groups } = { message: draft.message, groups: sighting.groups }
  const arrow = sighting.output.lines.slice(sighting.index + 1, sighting.index + 4).some((line) => line.startsWith('-->'))
  if (!arrow) return undefined
  const location = placeBelow(sighting)
  // A warning that the project made an error of.
  if (sighting.output.lines.slice(sighting.index + 1, sighting.index + 12).some((line) => /^= note: `(?:-D|#\[deny)/.test(line)))
    return { ...draft, code: 'LINT', severity: 'low', rank: 'lint', location }
  const code = groups['code']
  if (code !== undefined && rustMissing.has(code)) {
    const name = /`([^`]{1,200})`(?!.*`)/.exec(message)?.[1] ?? /`([^`]{1,200})`/.exec(message)?.[1]
    return {
      ...draft,
      category: 'dependency',
      code,
      rank: 'cause',
      location,
      details: { specifier: name, importer: location?.file },
    }
  }
  if (code === undefined && rustSyntax.test(message))
    return { ...draft, category: 'syntax', code: 'SYNTAX_ERROR', rank: 'cause', location }
  const mismatch = firstMatch(
    sighting.output.lines.slice(sighting.index, sighting.index + 12),
    /expected (?:\w{1,20} )?`([^`]{1,200})`, found (?:\w{1,20} )?`([^`]{1,200})`/,
  )
  if (location?.file.endsWith('.prisma') === true)
    return { ...draft, category: 'syntax', code: 'SYNTAX_ERROR', rank: 'cause', tool: 'prisma', location }
  return {
    ...draft,
    code: code ?? 'COMPILE_ERROR',
    location,
    details: { name: /`([^`]{1,200})`/.exec(message)?.[1], expected: mismatch?.[1], actual: mismatch?.[2] },
  }
}

function go(draft: Draft, { line, output }: Sighting): Draft | undefined {
  if (/^syntax error|^expected |^illegal |^invalid character|newline in string/.test(draft.message))
    return { ...draft, category: 'syntax', code: 'SYNTAX_ERROR', rank: 'cause' }
  if (/imported and not used|declared and not used/.test(draft.message))
    return { ...draft, severity: 'low', details: { name: /"([^"]{1,200})"|: (\S{1,100})$/.exec(draft.message)?.[1] } }
  if (/(?:_test|^testing)\.go:/.test(line) && !output.lines.some((other) => /\[build failed\]|\[setup failed\]/.test(other)))
    return { ...draft, category: 'test', code: 'ASSERTION_FAILED', rank: 'test' }
  const name = /undefined: (\S{1,200})/.exec(draft.message)?.[1]
  return { ...draft, details: { name } }
}

function panic(draft: Draft, { output, index, line }: Sighting): Draft | undefined {
  if (/assertion|test timed out/.test(`${line}\n${lineAt(output, index + 1)}`)) return undefined
  const rustPlace = /panicked at (?:.{0,300}, )?(?<file>[^\s:,']{1,300}\.rs):(?<line>\d{1,7}):(?<column>\d{1,7})/.exec(line)
  if (rustPlace !== null)
    return {
      ...draft,
      message:
        output.lines[index + 1] === undefined || output.lines[index + 1] === ''
          ? draft.message
          : `panic: ${lineAt(output, index + 1)}`,
      location: placeOf(rustPlace),
    }
  const goPlace = output.lines
    .slice(index + 1, index + 30)
    .map((next) => /^(?<file>\/[^\s:]{1,300}\.go):(?<line>\d{1,7})/.exec(next))
    .find((found) => found !== null && !/\/usr\/local\/go\/|\/src\/runtime\//.test(found[0]))
  return { ...draft, location: placeOf(goPlace) }
}

const cSyntax =
  /^(?:expected |'.{1,20}' expected|unterminated|stray |missing terminating|unexpected|illegal start of|class, interface|reached end of file|unclosed|not a statement|extraneous|Syntax error|invalid suffix|; expected|';' expected|.{0,10}expected (?:before|after|at end))/
const javaMissing = /^(?:package (?<specifier>[\w.]{1,200}) does not exist|cannot find symbol$)/

function compiled(draft: Draft, sighting: Sighting): Draft | undefined {
  const { groups, line } = sighting
  if (!/: (?:fatal )?error|^\[ERROR\] |^e: /.test(line)) return undefined // A warning.
  if (/\[syntax\]$/.test(line))
    return {
      ...draft,
      category: 'syntax',
      code: 'SYNTAX_ERROR',
      rank: 'cause',
      location: placeOf(/^(?<file>[^\s:]{1,300}):(?<line>\d{1,7})/.exec(line)),
    } // mypy
  if (/\[import(?:-not-found|-untyped)?\]$/.test(line)) {
    // mypy
    const place = placeOf(/^(?<file>[^\s:]{1,300}):(?<line>\d{1,7})/.exec(line))
    const specifier = /"([^"]{1,200})"/.exec(line)?.[1]
    return {
      ...draft,
      category: 'dependency',
      code: 'MODULE_NOT_FOUND',
      rank: 'cause',
      location: place,
      details: { specifier, importer: place?.file },
    }
  }
  if (/\[-Werror=/.test(line))
    return {
      ...draft,
      code: 'LINT',
      severity: 'low',
      rank: 'lint',
      location: placeOf(/^(?<file>[^\s:]{1,300}):(?<line>\d{1,7}):(?<column>\d{1,7})/.exec(line)),
    }
  const number = groups['number']
  const location = locationOf(
    groups['file'],
    groups['line'] ?? groups['line2'] ?? groups['line3'],
    groups['column'] ?? groups['column2'] ?? groups['column3'],
  )
  const message = draft.message.replace(/^error: /, '')
  const missing =
    javaMissing.exec(message)?.groups?.['specifier'] ??
    (number === 'CS0246' || number === 'CS0234' ? /name '([^']{1,200})'/.exec(message)?.[1] : undefined)
  if (missing !== undefined)
    return {
      ...draft,
      category: 'dependency',
      code: 'MODULE_NOT_FOUND',
      rank: 'cause',
      location,
      message,
      details: { specifier: missing, importer: location?.file },
    }
  if (cSyntax.test(message) || number === 'CS1002' || number === 'CS1513')
    return { ...draft, category: 'syntax', code: 'SYNTAX_ERROR', rank: 'cause', location, message, details: {} }
  return {
    ...draft,
    code: number ?? draft.code,
    location,
    message,
    details: { name: /['‘`]([^'’`]{1,200})['’`]/u.exec(message)?.[1] },
  }
}
