import type { Draft, Rule, Sighting } from './rule.js'
import { stackEnd, stackLocation } from './stack.js'

/** What the system, a registry or a service forbids. */
export const permissionRules: readonly Rule[] = [
  {
    hints: ['EACCES', 'EPERM', 'EROFS'],
    pattern:
      /(?:Error: )?\b(?<code>EACCES|EPERM|EROFS): (?:permission denied|operation not permitted|read-only file system),? ?(?<syscall>\w{1,20})?(?: ['"](?<path>[^'"]{1,500})['"])?(?: -> ['"][^'"]{1,500}['"])?/,
    category: 'permission',
    refine: refused,
  },
  {
    hints: [' EACCES', ' EPERM'],
    pattern:
      /(?:Error: )?\b(?<syscall>spawn(?:Sync)?|listen|bind|connect|open|exec|execve|execvp)(?: (?<path>\S{1,400}))? (?<code>EACCES|EPERM)\b/,
    category: 'permission',
    refine: refused,
  },
  {
    hints: ['ERR_ACCESS_DENIED', 'Access to this API has been restricted'],
    pattern: /Access to this API has been restricted/,
    category: 'permission',
    code: 'ERR_ACCESS_DENIED',
    tool: 'node',
    refine: (draft, sighting) => {
      const near = sighting.output.lines.slice(sighting.index, sighting.index + 25).join('\n')
      return refused(
        {
          ...draft,
          details: { path: /resource: '([^']{1,500})'/.exec(near)?.[1], permission: /permission: '(\w{1,40})'/.exec(near)?.[1] },
        },
        sighting,
      )
    },
  },
  {
    hints: [
      'ermission denied (',
      'uthentication failed',
      'ccess denied for user',
      'could not read Username',
      'could not read Password',
      'ermission to ',
      'Host key verification failed',
      'access rights',
      'Invalid username or',
    ],
    pattern:
      /Permission denied \((?:publickey|password|keyboard)|[Aa]uthentication failed\b(?! \(0)|[Aa]ccess denied for user|could not read (?:Username|Password) for|Permission to \S{1,200} denied|Host key verification failed|Invalid username or (?:password|token)/,
    category: 'permission',
    code: 'AUTHENTICATION_FAILED',
    refine: denied,
  },
  {
    hints: ['docker daemon socket', 'Docker daemon socket'],
    pattern: /permission denied while trying to connect to the Docker (?:daemon socket|API)/i,
    category: 'permission',
    code: 'EACCES',
    tool: 'docker',
    refine: (draft) => ({ ...draft, details: { path: '/var/run/docker.sock', syscall: 'connect' } }),
  },
  {
    hints: [
      'ermission denied',
      'peration not permitted',
      'ead-only file system',
      'ccess is denied',
      'Access denied',
      'not permitted',
    ],
    pattern: /\b(?<said>[Pp]ermission denied|[Oo]peration not permitted|[Rr]ead-only file system|Access is denied|Access denied)/,
    category: 'permission',
    code: 'EACCES',
    refine: shellRefused,
  },
  {
    hints: [
      'Requires ',
      'NotCapable',
      'PermissionDenied',
      'uthentication failed',
      'Unauthorized',
      'unauthorized',
      'Forbidden',
      'forbidden',
      'AccessDenied',
      'not authorized',
      'ENEEDAUTH',
      'Unable to authenticate',
      'uthentication required',
      'Requires authentication',
      'credentials',
      'Bad credentials',
      'status code 401',
      'status code 403',
      'invalid_api_key',
      'Invalid API key',
      'Incorrect API key',
      'not accessible by integration',
      'must be logged in',
      'must be root',
      'sudo:',
      'ExpiredToken',
      'InvalidClientTokenId',
      'insufficient',
      'denied',
    ],
    pattern:
      /\b40[13] (?:Unauthorized|Forbidden)|status(?: code)?:? 40[13]\b|HTTP(?:\/[\d.]{1,3})? (?:error )?40[13]\b|\(Forbidden\)|\bForbidden:|AccessDenied(?:Exception)?\b|not authorized to (?:perform|access)|\b(?:Unauthorized|unauthorized)\b|ENEEDAUTH|Requires (?:read|write|net|env|run|sys|ffi) access to .{1,200}|\bNotCapable:|Unable to authenticate|[Aa]uthentication required|Requires authentication|Bad credentials|no basic auth credentials|Unable to locate credentials|Could not load credentials|No credentials found|Invalid API key|Incorrect API key|invalid_api_key|Resource not accessible by integration|must be logged in|must be root|sudo: (?:a password is required|a terminal is required)|ExpiredToken|InvalidClientTokenId|[Ii]nsufficient (?:permissions?|privileges|scopes?)|Permission '[^']{1,100}' denied/,
    category: 'permission',
    code: 'ACCESS_DENIED',
    refine: denied,
  },
]

function refused(draft: Draft, { output, index, groups }: Sighting): Draft {
  const last = stackEnd(output, index)
  const near = output.lines.slice(index, Math.min(last + 10, index + 40)).join('\n')
  const path = draft.details['path'] ?? /\bpath:? ['"]?([^'"\n]{1,500}?)['"]?,?(?:\n|$)/.exec(near)?.[1]
  return {
    ...draft,
    location: stackLocation(output, index),
    details: {
      ...draft.details,
      path,
      syscall: groups['syscall'] ?? draft.details['syscall'] ?? /\bsyscall:? ['"]?(\w{1,20})/.exec(near)?.[1],
    },
    lineLast: last,
  }
}

/**
 * Shells, Python and tools in C: `sh: 1: ./run.sh: Permission denied`, `[Errno 13] Permission denied: 'x'`. A shell refuses
 * to execute; a redirection or another program refuses to open.
 */
function shellRefused(draft: Draft, { output, index, line, groups }: Sighting): Draft | undefined {
  const said = groups['said'] ?? ''
  const code = /not permitted/i.test(said) ? 'EPERM' : /ead-only/.test(said) ? 'EROFS' : 'EACCES'
  const after = /(?:denied|not permitted|system): ['"]?([^'"\s][^'"]{0,400}?)['"]?$/.exec(line)?.[1]
  const before =
    /(?:^|[\s:'"‘`(])((?:[A-Za-z]:)?[^\s:'"‘’`(]{1,400})['"’`)]?: (?:[Pp]ermission denied|[Oo]peration not permitted|[Rr]ead-only|bad interpreter)/u.exec(
      line,
    )?.[1]
  const shell =
    /^(?:(?:npm (?:error|ERR!) )?(?:\/(?:usr\/)?bin\/)?(?:sh|bash|zsh|dash|ash|fish)\b|-bash\b|env: |[\w./-]{1,200}: line \d{1,7}: )/.test(
      line,
    )
  const path = after ?? before
  return {
    ...draft,
    code,
    location: stackLocation(output, index),
    details: { path, syscall: shell || output.exitCode === 126 ? 'exec' : undefined },
  }
}

function denied(draft: Draft, { line }: Sighting): Draft | undefined {
  const status = /\b(40[13])\b/.exec(line)?.[1]
  const host =
    /\bhttps?:\/\/(?:[^\s/@'"]{1,200}@)?([\w.-]{1,253})/.exec(line)?.[1] ?? /@([\w.-]{1,253}): Permission denied/.exec(line)?.[1]
  return { ...draft, details: { status: status === undefined ? undefined : Number(status), host } }
}
