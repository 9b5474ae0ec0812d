import { lineAt } from './output.js'
import type { Draft, Rule, Sighting } from './rule.js'
import { retryAfterMs } from './retry-after.js'

/** What each code of npm means: https://docs.npmjs.com/cli/using-npm/logging and npm's own sources of messages. */
const codes: Readonly<
  Record<string, Pick<Draft, 'category' | 'code'> & Partial<Pick<Draft, 'severity' | 'rank' | 'transient'>>>
> = {
  ERESOLVE: { category: 'dependency', code: 'PEER_CONFLICT' },
  E404: { category: 'dependency', code: 'PACKAGE_NOT_FOUND' },
  ENOVERSIONS: { category: 'dependency', code: 'VERSION_NOT_FOUND' },
  ETARGET: { category: 'dependency', code: 'VERSION_NOT_FOUND' },
  EINVALIDPACKAGENAME: { category: 'dependency', code: 'PACKAGE_NAME_INVALID' },
  EUNSUPPORTEDPROTOCOL: { category: 'dependency', code: 'PACKAGE_URL_UNSUPPORTED' },
  EINTEGRITY: { category: 'dependency', code: 'EINTEGRITY' },
  EUSAGE: { category: 'configuration', code: 'USAGE' },
  ELSPROBLEMS: { category: 'dependency', code: 'PACKAGES_OUT_OF_STEP' },
  EJSONPARSE: { category: 'syntax', code: 'JSON_SYNTAX' },
  EBADENGINE: { category: 'configuration', code: 'ENGINE_MISMATCH' },
  EBADPLATFORM: { category: 'configuration', code: 'PLATFORM_MISMATCH' },
  EBADDEVENGINES: { category: 'configuration', code: 'ENGINE_MISMATCH' },
  ENOLOCK: { category: 'configuration', code: 'LOCKFILE_MISSING' },
  EOVERRIDE: { category: 'configuration', code: 'OVERRIDE_CONFLICT' },
  ENOWORKSPACES: { category: 'configuration', code: 'CONFIG_INVALID' },
  EDUPLICATEWORKSPACE: { category: 'configuration', code: 'CONFIG_INVALID' },
  EINVALIDTAGNAME: { category: 'dependency', code: 'VERSION_INVALID' },
  EACCES: { category: 'permission', code: 'EACCES' },
  EPERM: { category: 'permission', code: 'EPERM' },
  E401: { category: 'permission', code: 'AUTHENTICATION_FAILED' },
  E403: { category: 'permission', code: 'ACCESS_DENIED' },
  ENEEDAUTH: { category: 'permission', code: 'AUTHENTICATION_FAILED' },
  EOTP: { category: 'permission', code: 'AUTHENTICATION_FAILED' },
  EPRIVATE: { category: 'deployment', code: 'PUBLISH_REFUSED' },
  EPUBLISHCONFLICT: { category: 'deployment', code: 'PUBLISH_REFUSED' },
  ENOSPC: { category: 'runtime', code: 'ENOSPC', severity: 'critical', rank: 'environment' },
  EIO: { category: 'runtime', code: 'EIO', severity: 'critical', rank: 'environment' },
  EEXIST: { category: 'runtime', code: 'EEXIST' },
  EISDIR: { category: 'runtime', code: 'EISDIR' },
  ENOTDIR: { category: 'runtime', code: 'ENOTDIR' },
  ENOTEMPTY: { category: 'dependency', code: 'ENOTEMPTY' },
  EMISSINGARG: { category: 'configuration', code: 'USAGE' },
  ENOAUDIT: { category: 'network', code: 'AUDIT_FAILED' },
  ENOTCACHED: { category: 'network', code: 'ENOTCACHED' },
}
const networkCode =
  /^(?:ECONN\w+|ETIMEDOUT|ESOCKETTIMEDOUT|EAI_AGAIN|ENOTFOUND|EHOSTUNREACH|ENETUNREACH|EPIPE|ERR_SOCKET_TIMEOUT|FETCH_ERROR|UND_ERR\w+|EIDLETIMEOUT)$/
const certificateCode = /CERT|SELF_SIGNED|UNABLE_TO_|EPROTO/

/** The npm command line: `npm error …`, `npm ERR! …`. */
export const npmRules: readonly Rule[] = [
  {
    hints: ['npm error code ', 'npm ERR! code '],
    pattern: /^npm (?:error|ERR!) code (?<code>[A-Z][A-Z0-9_]{2,60})$/,
    category: 'dependency',
    tool: 'npm',
    refine: coded,
  },
  {
    hints: ['Missing script', 'missing script'],
    pattern: /[Mm]issing script:? ["']?(?<script>[^\s"']{1,200})["']?/,
    category: 'configuration',
    code: 'SCRIPT_MISSING',
    refine: (draft, sighting) => ({ ...draft, details: { name: sighting.groups['script'] } }),
  },
  {
    hints: ['could not determine executable to run', 'npx canceled'],
    pattern: /^npm (?:error|ERR!) (?<message>could not determine executable to run|npx canceled.{0,200})/,
    category: 'dependency',
    code: 'COMMAND_NOT_FOUND',
    tool: 'npm',
  },
  {
    hints: [
      'Lifecycle script',
      'npm error command',
      'npm ERR! command',
      'command failed',
      'ELIFECYCLE',
      'Command failed',
      'npm error code ',
      'npm ERR! code ',
      'npm error path',
      'npm ERR! path',
      'npm error workspace',
    ],
    pattern: /^npm (?:error|ERR!) (?<message>Lifecycle script .{1,200}|command .{1,300}|ELIFECYCLE|code (?:ELIFECYCLE|\d{1,3}))$/,
    category: 'build',
    code: 'SCRIPT_FAILED',
    rank: 'wrapper',
    tool: 'npm',
  },
  {
    hints: ['gyp ERR!'],
    pattern:
      /^(?:npm (?:error|ERR!) )?gyp ERR! (?<message>(?:stack Error: |find Python |find VS |build error|not ok|configure error).{0,300})/,
    category: 'build',
    code: 'NATIVE_BUILD_FAILED',
    tool: 'node-gyp',
    refine: (draft, { line }) => (/not ok|build error|configure error/.test(line) ? { ...draft, rank: 'compile' } : draft),
  },
  {
    hints: ['vulnerabilities', 'vulnerability', 'Severity:'],
    pattern:
      /^(?:found )?(?<message>(?<count>\d{1,6}) (?:(?<worst>\w{1,10}) severity )?vulnerabilit(?:y|ies)(?: found)?.{0,200})$/,
    category: 'dependency',
    code: 'VULNERABLE_PACKAGES',
    rank: 'lint',
    refine: audit,
  },
  {
    hints: [
      'Exit prior to config file resolving',
      'Unknown command',
      'Unknown cli config',
      'No workspaces found',
      'Invalid package name',
      'Invalid tag name',
      'Invalid Version',
    ],
    pattern:
      /^(?:npm (?:error|ERR!) )?(?<message>(?:Exit prior to config file resolving|Unknown command: .{1,200}|No workspaces found.{0,200}|Invalid package name .{1,200}|Invalid tag name .{1,200}|Invalid Version.{0,200}))/,
    category: 'configuration',
    code: 'USAGE',
    tool: 'npm',
    refine: (draft) => (draft.message.startsWith('Unknown command') ? { ...draft, severity: 'medium' } : draft),
  },
]

/** The block of one npm error: its code and the lines that belong to it. */
function coded(draft: Draft, sighting: Sighting): Draft | undefined {
  const { output, index } = sighting
  const block: string[] = []
  let last = index
  for (let at = index + 1; at < Math.min(output.lines.length, index + 120); at += 1) {
    const text = /^npm (?:error|ERR!) ?(.{0,1000})/.exec(lineAt(output, at))?.[1]
    if (text === undefined) break
    block.push(text)
    last = at
  }
  const npmCode = draft.code
  if (npmCode === 'ELIFECYCLE') return undefined
  const text = block.join('\n')
  const first =
    block.find((line) => line !== '' && !/^(?:errno|syscall|path|code|network This|A complete log)\b/.test(line)) ?? npmCode
  const base = { ...draft, message: `${npmCode}: ${first}`, lineLast: last, details: {} }
  const status = /^E(4\d\d|5\d\d)$/.exec(npmCode)?.[1]
  if (status !== undefined && (Number(status) >= 500 || status === '429' || status === '408')) {
    return {
      ...base,
      category: 'network',
      code: `HTTP_${status}`,
      details: { status: Number(status), host: hostOf(text), retryAfterMs: retryAfterMs(text) },
    }
  }
  if (networkCode.test(npmCode) || certificateCode.test(npmCode)) return network(base, npmCode, text)
  if (npmCode === 'ENOENT') return missingFile(base, text)
  if (npmCode === 'EUSAGE' && /in sync|npm ci|package-lock/.test(text))
    return {
      ...base,
      code: /can only install with an existing/.test(text) ? 'LOCKFILE_MISSING' : 'LOCKFILE_OUT_OF_STEP',
      message: lockfileMessage(block),
    }
  if (npmCode === 'E403' && /publish/.test(text) && !/do not have permission|not authori[sz]ed|logged in/.test(text))
    return { ...base, category: 'deployment', code: 'PUBLISH_REFUSED' }
  const known = codes[npmCode]
  if (known === undefined) return { ...base, code: npmCode }
  return { ...base, ...known, details: detailsOf(known.code, text), location: jsonPlace(known.code, text) }
}

function network(base: Draft, code: string, text: string): Draft {
  const place = /(?:getaddrinfo|connect|read|request to) \w+ ([\w.-]{1,253}|[0-9a-f:.]{2,45}?)(?::(\d{1,5}))?(?:\s|$)/m.exec(text)
  return {
    ...base,
    category: 'network',
    code,
    transient: !certificateCode.test(code),
    details: {
      host: place?.[1] ?? hostOf(text),
      port: place?.[2] === undefined ? undefined : Number(place[2]),
      syscall: /\bsyscall (\w{1,20})/.exec(text)?.[1],
    },
  }
}

function hostOf(text: string): string | undefined {
  return /https?:\/\/([\w.-]{1,253})/.exec(text)?.[1]
}

function missingFile(base: Draft, text: string): Draft {
  const path = /\bopen '([^']{1,500})'/.exec(text)?.[1] ?? /^path (.{1,500})$/m.exec(text)?.[1]
  return {
    ...base,
    category: 'configuration',
    code: 'ENOENT',
    details: { path, syscall: /^syscall (\w{1,20})/m.exec(text)?.[1] },
  }
}

function lockfileMessage(block: readonly string[]): string {
  return (
    block.find((line) => /^(?:Missing|Invalid): /.test(line)) ??
    block.find((line) => /in sync|existing package-lock/.test(line)) ??
    'the lockfile is out of step with package.json'
  )
}

function detailsOf(code: string, text: string): Record<string, string | number | undefined> {
  switch (code) {
    case 'PACKAGE_NOT_FOUND': {
      const name =
        /'((?:@[\w.~-]{1,100}\/)?[\w.~-]{1,214})@[^']{0,300}' is not in/.exec(text)?.[1] ??
        /Not Found - GET https?:\/\/[^\s/]{1,253}\/(?:\S{0,100}\/)?((?:@[\w.~-]{1,100}(?:\/|%2[fF]))?[\w.~-]{1,214})(?:\s|$)/.exec(
          text,
        )?.[1]
      return { package: name?.replace(/%2f/i, '/'), status: 404 }
    }
    case 'VERSION_NOT_FOUND': {
      const match =
        /No (?:matching version found|versions available) for ((?:@[^\s@/]{1,100}\/)?[^\s@]{1,214})(?:@([^\s]{1,100}?))?\.?(?:\s|$)/.exec(
          text,
        )
      return { package: match?.[1], expected: match?.[2] }
    }
    case 'PEER_CONFLICT': {
      const match =
        /peer ((?:@[^\s@/]{1,100}\/)?[^\s@"]{1,214})@"([^"]{1,200})" from ((?:@[^\s@/]{1,100}\/)?[^\s@]{1,214})@/.exec(text)
      const found = /Found: (?:@[^\s@/]{1,100}\/)?[^\s@]{1,214}@(\S{1,100})/.exec(text)?.[1]
      return { package: match?.[1], expected: match?.[2], name: match?.[3], actual: found }
    }
    case 'ENGINE_MISMATCH':
      return {
        expected: /Required: .{0,20}?"?node"?: ?"([^"]{1,100})"/.exec(text)?.[1],
        actual: /Actual: .{0,60}?"?node"?: ?"([^"]{1,100})"/.exec(text)?.[1],
      }
    case 'EACCES':
    case 'EPERM':
      return { path: /^path (.{1,500})$/m.exec(text)?.[1], syscall: /^syscall (\w{1,20})/m.exec(text)?.[1] }
    case 'JSON_SYNTAX':
      return { position: Number(/at position (\d{1,9})/.exec(text)?.[1] ?? Number.NaN) || undefined }
    default:
      return { package: /\b((?:@[\w.~-]{1,100}\/)?[\w.~-]{1,214})@[\d^~<>=*]/.exec(text)?.[1] }
  }
}

function jsonPlace(code: string, text: string): Draft['location'] {
  if (code !== 'JSON_SYNTAX') return undefined
  const file = /(?:while parsing|in|parse|path) '?((?:[A-Za-z]:)?[^\s'":]{0,500}\.json)\b/.exec(text)?.[1] ?? 'package.json'
  const place = /line (\d{1,7}) column (\d{1,7})/.exec(text)
  return place === null ? { file } : { file, line: Number(place[1]), column: Number(place[2]) }
}

function audit(draft: Draft, { line, groups }: Sighting): Draft | undefined {
  if (Number(groups['count']) === 0) return undefined
  const worst = /\bcritical\b/.test(line)
    ? 'critical'
    : /\bhigh\b/.test(line)
      ? 'high'
      : /\bmoderate\b/.test(line)
        ? 'medium'
        : 'low'
  return { ...draft, severity: worst, details: { count: Number(groups['count']) } }
}
