import { lineAt } from './output.js'
import type { Draft, Rule, Sighting } from './rule.js'
import { stackEnd } from './stack.js'

/** pnpm, Yarn (both) and Bun. Codes of pnpm: https://pnpm.io/errors, of Yarn: https://yarnpkg.com/advanced/error-codes */
export const managerRules: readonly Rule[] = [
  {
    hints: ['ERR_PNPM_'],
    pattern: /\b(?<pnpm>ERR_PNPM_\w{1,80})\b\s{0,4}(?<message>.{0,400})/,
    category: 'dependency',
    code: 'PNPM',
    tool: 'pnpm',
    refine: pnpm,
  },
  {
    hints: [' at line '],
    // pnpm 12, and other tools in Rust that read JSON
    pattern:
      /(?:trailing comma|expected value|EOF while parsing \w{1,20}|expected [`'].{1,3}[`'](?: or [`'].{1,3}[`'])?|key must be a string|control character .{1,60}|invalid escape) at line (?<line>\d{1,7}) column (?<column>\d{1,7})/,
    category: 'syntax',
    code: 'JSON_SYNTAX',
    refine: (draft, { output, groups }) => {
      const own = output.lines.some((line) => /package manager policy|package\.json/.test(line))
      return {
        ...draft,
        location: own ? { file: 'package.json', line: Number(groups['line']), column: Number(groups['column']) } : undefined,
        details: { line: Number(groups['line']), column: Number(groups['column']) },
      }
    },
  },
  {
    hints: ['YN0'],
    pattern: /\b(?<yarn>YN0\d{3}): (?:[│└┌] ?)?(?<message>.{0,400})/u,
    category: 'dependency',
    code: 'YARN',
    tool: 'yarn',
    refine: yarn,
  },
  {
    hints: [
      "Couldn't find package",
      "Couldn't find any versions",
      'No matching version',
      'No version matching',
      'No candidates found',
      'not found: manifest unknown',
      'is not in this registry',
      'is not in the npm registry',
      'failed to resolve',
      'No compatible version',
      'Not Found - GET',
      '- 404',
      'not found in registry',
    ],
    pattern:
      /Couldn't find package "(?<name1>[^"]{1,214})"|Couldn't find any versions for "(?<name2>[^"]{1,214})" that matches "(?<range1>[^"]{1,100})"|No (?:matching|compatible) version (?:found )?for (?<name3>(?:@[^\s@/]{1,100}\/)?[^\s@]{1,214})(?:@(?<range3>\S{1,100}))?|No version matching "?(?<range4>[^"\s]{1,100})"? found for specifier "(?<name4>[^"]{1,214})"|(?<![\w.~-])(?<name5>(?:@[\w.~-]{1,100}\/)?[\w.~-]{1,200})(?:@(?<range5>[^\s:]{1,100}))?: No candidates found|(?<![\w.~-])(?<name6>(?:@[\w.~-]{1,100}\/)?[\w.~-]{1,200})@\S{0,100} failed to resolve|(?<![\w.~-])'?(?<name7>(?:@[\w.~-]{1,100}\/)?[\w.~-]{1,200})@\S{0,100}'? is not in (?:this|the npm) registry|GET https?:\/\/[^\s/]{1,200}\/(?<name8>(?:@[\w.~-]{1,100}(?:\/|%2[fF]))?[\w.~-]{1,214}) - 404/,
    category: 'dependency',
    code: 'PACKAGE_NOT_FOUND',
    refine: absentPackage,
  },
  {
    hints: ['ockfile', 'lock file', 'YN0028'],
    pattern:
      /present in your lockfile|[Ll]ockfile needs to be updated|lockfile would have been (?:modified|created)|lockfile had changes, but lockfile is frozen|Cannot install with "frozen-lockfile"|lock file .{0,200}needs to be updated|lockfile is out of (?:date|sync)|no longer matches? the lockfile|[Ll]ockfile is not up to date|[Ll]ockfile (?:is )?(?:broken|corrupt)|[Ff]ailed to parse lock ?file/,
    category: 'dependency',
    code: 'LOCKFILE_OUT_OF_STEP',
  },
  {
    hints: ["ouldn't find a script", 'Script not found', "Couldn't find a script", 'ommand "'],
    pattern:
      /Couldn't find a script (?:named|called) "?(?<a>[^"\s]{1,200})"?|Script not found "(?<b>[^"]{1,200})"|Command "(?<c>[^"]{1,200})" not found/,
    category: 'configuration',
    code: 'SCRIPT_MISSING',
    refine: (draft, { groups, output, index }) =>
      output.lines.slice(Math.max(0, index - 3), index).some((line) => line.includes('Missing script'))
        ? undefined
        : groups['c'] === undefined
          ? { ...draft, details: { name: groups['a'] ?? groups['b'] } }
          : { ...draft, category: 'dependency', code: 'COMMAND_NOT_FOUND', details: { program: groups['c'] } },
  },
  {
    hints: [
      'Command failed with exit code',
      'exited with code',
      'ELIFECYCLE',
      'Command failed',
      'exited with error code',
      'failed with exit code',
      'exit code',
      'exit status',
      'Process completed with',
      'returned a non-zero',
      'ailed:',
      'Error 1',
      'Error 2',
    ],
    pattern:
      /(?:Command failed with exit code \d{1,3}|ELIFECYCLE\b.{0,200}|exited with (?:error )?code \d{1,3}|failed with exit code \d{1,3}|Process completed with exit code \d{1,3}|Command failed(?: with exit code \d{1,3})?[:.].{0,200}|exit status \d{1,3}|returned (?:a )?non-zero (?:exit )?(?:status|code).{0,60}|Error \d{1,3})\.?$/,
    category: 'build',
    code: 'SCRIPT_FAILED',
    rank: 'wrapper',
    kinds: ['plain'],
    refine: (draft, { line }) =>
      /exit(?:ed with)?(?: error)? (?:code|status) 0\b|exited with code 0/.test(line)
        ? undefined
        : /\bdeploy/i.test(line)
          ? { ...draft, category: 'deployment', code: 'DEPLOY_FAILED' }
          : draft,
  },
]

const pnpmCodes: readonly (readonly [RegExp, Partial<Draft>])[] = [
  [/FETCH_404/, { code: 'PACKAGE_NOT_FOUND' }],
  [/FETCH_40[13]/, { category: 'permission', code: 'ACCESS_DENIED' }],
  [/FETCH_(?:429|5\d\d)|META_FETCH_FAIL|FETCH_FAIL/, { category: 'network', code: 'FETCH_FAILED' }],
  [/NO_MATCHING_VERSION|NO_VERSIONS|SPEC_NOT_SUPPORTED/, { code: 'VERSION_NOT_FOUND' }],
  [/OUTDATED_LOCKFILE|LOCKFILE_CONFIG_MISMATCH|FROZEN_LOCKFILE/, { code: 'LOCKFILE_OUT_OF_STEP' }],
  [/NO_LOCKFILE/, { category: 'configuration', code: 'LOCKFILE_MISSING' }],
  [/BROKEN_LOCKFILE|LOCKFILE_.*CORRUPT/, { category: 'syntax', code: 'YAML_SYNTAX' }],
  [/PEER_DEP/, { code: 'PEER_CONFLICT' }],
  [/TARBALL_INTEGRITY|INTEGRITY/, { code: 'EINTEGRITY' }],
  [/JSON_PARSE|INVALID_JSON|BAD_PACKAGE_JSON/, { category: 'syntax', code: 'JSON_SYNTAX', location: { file: 'package.json' } }],
  [/NO_SCRIPT/, { category: 'configuration', code: 'SCRIPT_MISSING' }],
  [/NO_IMPORTER_MANIFEST|NO_PKG_MANIFEST/, { category: 'configuration', code: 'ENOENT' }],
  [/UNSUPPORTED_ENGINE|BAD_PM_VERSION|UNSUPPORTED_PLATFORM/, { category: 'configuration', code: 'ENGINE_MISMATCH' }],
  [/RECURSIVE_EXEC_FIRST_FAIL|RECURSIVE_RUN_FIRST_FAIL|LIFECYCLE/, { category: 'build', code: 'SCRIPT_FAILED', rank: 'wrapper' }],
  [/WORKSPACE_PKG_NOT_FOUND|NO_MATCHING_VERSION_INSIDE_WORKSPACE|WORKSPACE_PACKAGE_NOT_FOUND/, { code: 'PACKAGE_NOT_FOUND' }],
  [/ENOSPC/, { category: 'runtime', code: 'ENOSPC', severity: 'critical', rank: 'environment' }],
  [/GIT_(?:UNCLEAN|NOT_LATEST|NOT_CORRECT_BRANCH|UNKNOWN_BRANCH)/, { category: 'deployment', code: 'PUBLISH_REFUSED' }],
  [
    /ADDING_TO_ROOT|REGISTRIES_MISMATCH|UNEXPECTED_STORE|NOT_IN_WORKSPACE|CONFIG|UNKNOWN_OPTION|INVALID_\w*(?:SETTING|OPTION|CATALOG|OVERRIDE)/,
    { category: 'configuration', code: 'CONFIG_INVALID' },
  ],
]

function pnpm(draft: Draft, sighting: Sighting): Draft {
  const code = sighting.groups['pnpm'] ?? ''
  const report = draft.message === '' ? reportBelow(sighting) : { text: draft.message, lineLast: sighting.index }
  const text = report.text
  const known = pnpmCodes.find(([pattern]) => pattern.test(code))?.[1] ?? byWords(text) ?? { code }
  const command = /Command "([^"]{1,200})" not found/.exec(text)?.[1]
  const script = /Missing script: ([^\s"']{1,200})/.exec(text)?.[1]
  if (command !== undefined && script === undefined)
    return { ...draft, code: 'COMMAND_NOT_FOUND', message: text, lineLast: report.lineLast, details: { program: command } }
  const version = /No matching version found for ((?:@[^\s@/]{1,100}\/)?[^\s@]{1,214})@(\S{1,100}?)(?: while|\s|$)/.exec(text)
  const url = /GET https?:\/\/([^\s/]{1,200})\/((?:@[\w.~-]{1,100}(?:\/|%2[fF]))?[\w.~-]{1,214})/.exec(text)
  const missing =
    known.code === 'PACKAGE_NOT_FOUND'
      ? (url?.[2]?.replace(/%2f/i, '/') ??
        /latest version of ((?:@[\w.-]{1,100}\/)?[\w.-]{1,200}?):?(?:\s|$)/.exec(text)?.[1] ??
        /"((?:@[\w.-]{1,100}\/)?[\w.-]{1,200})@/.exec(text)?.[1])
      : undefined
  return {
    ...draft,
    message: text === '' ? code : text,
    ...known,
    lineLast: report.lineLast,
    details: {
      package: version?.[1] ?? missing,
      expected: version?.[2],
      name: script,
      host: known.category === 'network' ? url?.[1]?.replace(/:\d{1,5}$/, '') : undefined,
    },
  }
}

/** pnpm 12 prints the code alone, and below it a chain of reasons with bars and arrows at the margin. */
function reportBelow({ output, index }: Sighting): { readonly text: string; readonly lineLast: number } {
  const words: string[] = []
  let last = index
  for (let at = index + 1; at < Math.min(output.lines.length, index + 16); at += 1) {
    const line = lineAt(output, at)
    if (line === '' && words.length > 0 && output.lines[at + 1] === '') break
    if (/^help: /.test(line)) {
      last = at
      break
    }
    words.push(line.replace(/^(?:[×│]|[├╰]─▶) ?/u, ''))
    last = at
  }
  return { text: words.join(' ').trim(), lineLast: last }
}

function byWords(text: string): Partial<Draft> | undefined {
  if (/404 Not Found/.test(text)) return { code: 'PACKAGE_NOT_FOUND' }
  if (/No matching version/.test(text)) return { code: 'VERSION_NOT_FOUND' }
  if (/error sending request|[Cc]onnection|timed out|dns error|50\d/.test(text))
    return { category: 'network', code: 'FETCH_FAILED' }
  if (/trailing comma|expected value|EOF while parsing|expected `/.test(text))
    return { category: 'syntax', code: 'JSON_SYNTAX', location: { file: 'package.json' } }
  return undefined
}

const yarnCodes: Readonly<Record<string, Partial<Draft>>> = {
  YN0001: {},
  YN0002: { code: 'PEER_CONFLICT', severity: 'low' },
  YN0009: { category: 'build', code: 'NATIVE_BUILD_FAILED' },
  YN0016: { code: 'VERSION_NOT_FOUND' },
  YN0018: { code: 'EINTEGRITY' },
  YN0020: { category: 'configuration', code: 'SCRIPT_MISSING' },
  YN0027: { code: 'VERSION_NOT_FOUND' },
  YN0028: { code: 'LOCKFILE_OUT_OF_STEP' },
  YN0035: { code: 'PACKAGE_NOT_FOUND' },
  YN0041: { category: 'permission', code: 'AUTHENTICATION_FAILED' },
  YN0060: { code: 'PEER_CONFLICT' },
  YN0080: { category: 'network', code: 'NETWORK', severity: 'medium', transient: false },
  YN0082: { code: 'VERSION_NOT_FOUND' },
}
const yarnNoise = new Set([
  'YN0000',
  'YN0004',
  'YN0005',
  'YN0006',
  'YN0007',
  'YN0008',
  'YN0013',
  'YN0019',
  'YN0032',
  'YN0050',
  'YN0061',
  'YN0065',
  'YN0066',
  'YN0073',
  'YN0076',
  'YN0085',
  'YN0086',
  'YN0087',
  'YN0088',
])

function yarn(draft: Draft, sighting: Sighting): Draft | undefined {
  const code = sighting.groups['yarn'] ?? ''
  const text = draft.message.replace(/^[│└┌]\s?/u, '').replace(/^· /u, '')
  if (/^[+-]/.test(text)) return undefined // a line of the diff of the lockfile
  const status = /Response Code: (\d{3})/.exec(sighting.output.lines.slice(sighting.index, sighting.index + 8).join('\n'))?.[1]
  if (yarnNoise.has(code)) return undefined
  if (/ECONN|ENOTFOUND|ETIMEDOUT|EAI_AGAIN|RequestError/.test(text)) {
    return {
      ...draft,
      category: 'network',
      message: text,
      code: /ECONN\w+|ENOTFOUND|ETIMEDOUT|EAI_AGAIN/.exec(text)?.[0] ?? 'FETCH_FAILED',
      details: { host: /(?:ENOTFOUND|EAI_AGAIN|ECONN\w+|ETIMEDOUT) ([\w.-]{1,253})/.exec(text)?.[1] },
    }
  }
  if (code === 'YN0035' && status !== undefined && status !== '404') {
    return Number(status) >= 500 || status === '429'
      ? { ...draft, category: 'network', code: `HTTP_${status}`, message: text, details: { status: Number(status) } }
      : { ...draft, category: 'permission', code: 'ACCESS_DENIED', message: text, details: { status: Number(status) } }
  }
  if (code === 'YN0001' && /No candidates found|can't be found/.test(text)) return absentYarn(draft, text)
  if (code === 'YN0001' || code === '')
    return /JSON|Unexpected/.test(text)
      ? undefined
      : { ...draft, message: text, code: 'YARN_EXCEPTION', lineLast: stackEnd(sighting.output, sighting.index) }
  const missing = code === 'YN0027' && /404/.test(sighting.output.lines.slice(sighting.index, sighting.index + 4).join('\n'))
  const name = /^((?:@[\w.~-]{1,100}\/)?[\w.~-]{1,200})@(?:npm:)?([^\s:]{1,100})/.exec(text)
  return {
    ...draft,
    message: text,
    ...(missing ? { code: 'PACKAGE_NOT_FOUND' } : (yarnCodes[code] ?? { code })),
    lineLast: missing ? sighting.index + 4 : sighting.index,
    details: { package: name?.[1], expected: name?.[2], status: status === undefined ? undefined : Number(status) },
  }
}

function absentYarn(draft: Draft, text: string): Draft {
  const match = /((?:@[\w.~-]{1,100}\/)?[\w.~-]{1,200})@(?:npm:)?([^\s:]{1,100}): No candidates/.exec(text)
  return { ...draft, message: text, code: 'VERSION_NOT_FOUND', details: { package: match?.[1], expected: match?.[2] } }
}

function absentPackage(draft: Draft, { groups }: Sighting): Draft {
  const pick = (prefix: string): string | undefined =>
    Object.entries(groups).find(([key, value]) => key.startsWith(prefix) && value !== undefined)?.[1]
  const range = pick('range')
  const versioned = groups['name2'] ?? groups['name3'] ?? groups['name4'] ?? groups['name5']
  return {
    ...draft,
    code: versioned === undefined ? 'PACKAGE_NOT_FOUND' : 'VERSION_NOT_FOUND',
    details: { package: pick('name')?.replace(/%2f/i, '/'), expected: range },
  }
}
