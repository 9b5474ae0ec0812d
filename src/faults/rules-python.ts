import { lineAt } from './output.js'
import { type Draft, placeOf, type Rule, type Sighting } from './rule.js'
import { surely } from './wording.js'

/** Python, pip and friends. */
export const pythonRules: readonly Rule[] = [
  {
    hints: ['No module named', 'cannot import name'],
    pattern:
      /(?:ModuleNotFoundError: |ImportError: |Error: |^|: )(?<message>No module named ['"]?(?<specifier>[\w.]{1,300})['"]?|cannot import name '(?<name>[^']{1,200})' from (?:partially initialized module )?'(?<module>[^']{1,300})'.{0,300})/,
    category: 'dependency',
    code: 'MODULE_NOT_FOUND',
    tool: 'python',
    refine: (draft, sighting) => {
      const { specifier, module, name } = sighting.groups
      const location = tracebackPlace(sighting)
      return {
        ...draft,
        code: module === undefined ? 'MODULE_NOT_FOUND' : 'EXPORT_NOT_FOUND',
        location,
        details: { specifier: specifier ?? module, name, importer: location?.file },
      }
    },
  },
  {
    hints: [
      'No matching distribution',
      'Could not find a version',
      'ResolutionImpossible',
      'conflicting dependencies',
      'version solving failed',
      'Because ',
      'No solution found',
      'not compatible',
      'which is incompatible',
    ],
    pattern:
      /No matching distribution found for (?<package>[\w.[\]-]{1,200})(?<expected>[<>=!~][^\s;]{1,100})?|Could not find a version that satisfies the requirement (?<package2>[\w.[\]-]{1,200})|ResolutionImpossible|because these package versions have conflicting dependencies|version solving failed|No solution found when resolving dependencies|which is incompatible\.?$/,
    category: 'dependency',
    code: 'VERSION_NOT_FOUND',
    tool: 'pip',
    refine: (draft, { groups, line, output, index }) =>
      /Could not find a version/.test(line) &&
      output.lines.slice(index, index + 4).some((next) => next.includes('No matching distribution'))
        ? undefined
        : {
            ...draft,
            code: /conflict|Resolution|solving|solution|incompatible/.test(line) ? 'PEER_CONFLICT' : 'VERSION_NOT_FOUND',
            details: { package: groups['package'] ?? groups['package2'], expected: groups['expected'] },
          },
  },
  {
    hints: [
      'requirements',
      'externally-managed-environment',
      'Failed building wheel',
      'subprocess-exited-with-error',
      'metadata-generation-failed',
      'Failed to build',
      'legacy-install-failure',
    ],
    pattern:
      /(?:ERROR: |error: )?(?:Could not open requirements file: .{1,300}|externally-managed-environment|Failed building wheel for (?<package>\S{1,200})|subprocess-exited-with-error|metadata-generation-failed|Failed to build (?:installable wheels|(?!site$)[\w.[\]=-]{1,200}(?: [\w.[\]=-]{1,200}){0,20}$|one or more wheels)|legacy-install-failure.{0,60})/,
    category: 'build',
    code: 'NATIVE_BUILD_FAILED',
    tool: 'pip',
    refine: (draft, { line }) =>
      /requirements file|externally-managed/.test(line)
        ? { ...draft, category: 'configuration', code: /externally/.test(line) ? 'ENVIRONMENT_MANAGED' : 'ENOENT' }
        : { ...draft, rank: 'compile' },
  },
  {
    hints: ['ConnectionRefusedError', 'ConnectionResetError', 'TimeoutError', 'gaierror', 'BrokenPipeError'],
    pattern:
      /^(?<message>(?:[\w.]{0,80}\.)?(?<kind>ConnectionRefusedError|ConnectionResetError|TimeoutError|gaierror|BrokenPipeError)(?:: .{0,300})?)$/,
    category: 'network',
    code: 'NETWORK',
    tool: 'python',
    refine: (draft, sighting) => {
      const kind = sighting.groups['kind'] ?? ''
      const code = kind.includes('Refused')
        ? 'ECONNREFUSED'
        : kind.includes('Reset') || kind.includes('Broken')
          ? 'ECONNRESET'
          : kind === 'gaierror'
            ? 'EAI_AGAIN'
            : 'ETIMEDOUT'
      const inside = sighting.output.lines
        .slice(Math.max(0, sighting.index - 6), sighting.index)
        .some((line) => line.startsWith('File "'))
      return inside ? { ...draft, code, details: {}, location: tracebackPlace(sighting) } : undefined
    },
  },
  {
    hints: ['PermissionError', 'FileNotFoundError', 'IsADirectoryError', 'NotADirectoryError', 'FileExistsError'],
    pattern:
      /^(?<message>(?<kind>PermissionError|FileNotFoundError|IsADirectoryError|NotADirectoryError|FileExistsError): \[Errno \d{1,3}\] [^:]{1,80}(?:: '(?<path>[^']{1,500})')?)/,
    category: 'runtime',
    code: 'ENOENT',
    tool: 'python',
    refine: (draft, sighting) => {
      const kind = sighting.groups['kind'] ?? ''
      const path = sighting.groups['path']
      const location = tracebackPlace(sighting)
      if (kind === 'PermissionError') return { ...draft, category: 'permission', code: 'EACCES', location, details: { path } }
      const code =
        kind === 'FileNotFoundError'
          ? 'ENOENT'
          : kind === 'IsADirectoryError'
            ? 'EISDIR'
            : kind === 'FileExistsError'
              ? 'EEXIST'
              : 'ENOTDIR'
      const configuration = code === 'ENOENT' && /config|settings|\.env|\.(?:ini|toml|ya?ml|cfg)$/.test(path ?? '')
      return { ...draft, code, category: configuration ? 'configuration' : 'runtime', location, details: { path } }
    },
  },
  {
    hints: ['Error', 'Exception', 'Interrupt', 'StopIteration'],
    // The last line of a traceback.
    pattern: /^(?<name>[\w.]{0,200}(?:Error|Exception|Warning|Exit|Interrupt|StopIteration))(?:: (?<message>.{1,500}))?$/,
    category: 'runtime',
    code: 'UNCAUGHT_ERROR',
    rank: 'crash',
    tool: 'python',
    refine: (draft, sighting) => {
      if (!inTraceback(sighting) || betterKnown.test(sighting.line)) return undefined
      const location = tracebackPlace(sighting)
      const name = sighting.groups['name'] ?? ''
      if (name === 'KeyboardInterrupt') return { ...draft, severity: 'info', code: 'INTERRUPTED', message: name, location }
      // pydantic names below what the environment lacks.
      const below = lineAt(sighting.output, sighting.index + 1)
      if (/ValidationError$/.test(name) && /^[A-Z][A-Z0-9_]{2,80}$/.test(below))
        return {
          ...draft,
          category: 'configuration',
          code: 'ENVIRONMENT_VARIABLE_MISSING',
          rank: 'cause',
          message: sighting.line,
          location,
          details: { name: below },
        }
      const reading = surely(sighting.line)
      const outside =
        reading !== undefined &&
        (/^(?:permission|network|dependency|configuration)$/.test(reading.category) ||
          /(?<!Unicode)(?:Decode|Pars(?:e|er|ing)|Scanner|YAML)Error$/.test(name))
      return {
        ...draft,
        ...(outside && { category: reading.category, transient: reading.transient }),
        code: name.split('.').at(-1) ?? name,
        message: sighting.line,
        location,
        details: {
          name: /name '([^']{1,200})' is not defined|attribute '([^']{1,200})'/
            .exec(sighting.line)
            ?.slice(1)
            .find((found) => found !== undefined),
        },
      }
    },
  },
]

/** What other rules say better, wherever Python says it. */
const betterKnown =
  /AssertionError|SyntaxError|IndentationError|TabError|JSONDecodeError|RecursionError|KeyError: '[A-Z][A-Z0-9]*_[A-Z0-9_]*'|[Cc]onnection refused|[Cc]onnection reset|timed out|[Aa]ddress already in use|No space left|Name or service not known|Temporary failure|Max retries exceeded|MemoryError/

function inTraceback({ output, index }: Sighting): boolean {
  return output.lines.slice(Math.max(0, index - 8), index).some((line) => /^(?:E\s+)?File "[^"]{1,500}", line \d/.test(line))
}

/** The last frame of a traceback above, outside installed packages and Python's own. */
function tracebackPlace({ output, index }: Sighting): Draft['location'] {
  for (let at = index - 1; at >= Math.max(0, index - 60); at -= 1) {
    const line = lineAt(output, at)
    if (/^Traceback \(most recent/.test(line)) break
    const match =
      /^File "(?<file>[^"]{1,500})", line (?<line>\d{1,7})/.exec(line) ??
      /^(?<file>[^\s:()]{1,300}\.py):(?<line>\d{1,7}): in /.exec(line)
    if (match === null) continue
    const location = placeOf(match)
    if (!/site-packages|dist-packages|^<|[\\/]lib[\\/]python/.test(match.groups?.['file'] ?? '')) return location
  }
  return undefined
}

/** `tests/test_a.py:12: AssertionError`, below the lines that start with E. */
export function pytestPlace({ output, index }: Sighting): Draft['location'] {
  for (let at = index + 1; at < Math.min(output.lines.length, index + 20); at += 1) {
    const match = /^(?<file>[^\s:]{1,300}\.py):(?<line>\d{1,7}): \w/.exec(lineAt(output, at))
    if (match !== null) return placeOf(match)
  }
  return undefined
}
