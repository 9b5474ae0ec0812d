import type { FaultCategory } from '../core/fault.js'
import { type Draft, locationOf, placeOf, type Rule, type Sighting } from './rule.js'
import { asRead, surely } from './wording.js'

const deployment = { category: 'deployment' } as const

/** Containers, clusters, clouds and pipelines. */
export const deploymentRules: readonly Rule[] = [
  {
    hints: [
      'annot connect to the Docker daemon',
      'docker daemon',
      'docker.sock',
      'docker API',
      'dockerDesktop',
      'ocker daemon is not running',
      'error during connect',
      'annot connect to Podman',
    ],
    pattern:
      /Cannot connect to the Docker daemon|error during connect: |[Dd]ocker daemon is not running|[Cc]annot connect to Podman|failed to connect to the docker API/,
    ...deployment,
    code: 'DOCKER_UNREACHABLE',
    tool: 'docker',
  },
  {
    hints: ['dockerfile parse error', 'Dockerfile parse error', 'unknown instruction'],
    pattern: /(?:failed to solve: )?(?:dockerfile parse error|Dockerfile parse error)(?: on)?(?: line)? ?(?<line>\d{1,7})?/,
    category: 'syntax',
    code: 'DOCKERFILE_SYNTAX',
    tool: 'docker',
    refine: (draft, { groups }) => ({ ...draft, location: locationOf('Dockerfile', groups['line']), details: {} }),
  },
  {
    hints: [
      'pull access denied',
      'requested access to the resource is denied',
      'manifest unknown',
      'manifest for ',
      'denied: ',
      'repository does not exist',
      'no basic auth credentials',
      'unauthorized: authentication required',
      'pull model manifest',
      'failed to resolve ',
      ': not found',
    ],
    pattern:
      /pull access denied for (?<name>\S{1,300}?)[,.]|denied: (?:requested access to the resource is denied|access forbidden|installation not allowed|.{0,40}permission.{0,100})|manifest (?:unknown|for (?<name2>\S{1,300}) not found)|unauthorized: authentication required|no basic auth credentials|failed to resolve (?:source metadata|reference) .{0,10}?(?<name3>[^\s"\\]{1,300})/,
    ...deployment,
    code: 'IMAGE_REFUSED',
    tool: 'docker',
    refine: (draft, { groups, line, output }) => {
      if (/i\/o timeout|TLS handshake|no such host|connection refused|EOF$|toomanyrequests|Service Unavailable/.test(line))
        return undefined
      // A push that is refused lacks a right; a pull, as the registry says itself, may as well have the wrong name.
      if (/\bpush\b/.test(output.command) || output.lines.some((other) => other.startsWith('The push refers to repository')))
        return { ...draft, category: 'permission', code: 'ACCESS_DENIED', details: {} }
      return {
        ...draft,
        code: /manifest|not found/.test(line) ? 'IMAGE_NOT_FOUND' : 'IMAGE_REFUSED',
        details: { name: (groups['name'] ?? groups['name2'] ?? groups['name3'])?.replace(/:$/, '') },
      }
    },
  },
  {
    hints: [
      'failed to solve',
      'COPY failed',
      'ADD failed',
      'executor failed',
      'did not complete successfully',
      'failed to compute cache key',
      'returned a non-zero code',
      'failed to build',
      'failed to read dockerfile',
      'unable to prepare context',
      'failed to create shim',
      'OCI runtime',
      'Error response from daemon',
      'error from daemon',
      'dependency failed to start',
      'is unhealthy',
      'no configuration file provided',
      'services.',
      'invalid reference format',
      'no such service',
      'exited (',
      'ERROR: Service',
      'failed to start',
      'invalid spec',
    ],
    pattern:
      /failed to solve: .{1,300}|COPY failed: .{1,300}|ADD failed: .{1,300}|process ".{1,300}" did not complete successfully: exit code: \d{1,3}|failed to compute cache key|The command '.{1,300}' returned a non-zero code: \d{1,3}|failed to read dockerfile|unable to prepare context|OCI runtime .{1,300}|Error response from daemon: .{1,300}|dependency failed to start: .{1,200}|no configuration file provided: .{1,100}|no such service: .{1,100}|invalid reference format|services\.\S{1,100} .{1,200}|Service '.{1,100}' failed to build/,
    ...deployment,
    code: 'CONTAINER_FAILED',
    tool: 'docker',
    refine: docker,
  },
  {
    hints: [
      'CrashLoopBackOff',
      'ImagePullBackOff',
      'ErrImagePull',
      'ErrImageNeverPull',
      'CreateContainerConfigError',
      'CreateContainerError',
      'RunContainerError',
      'InvalidImageName',
      'OOMKilled',
      'FailedScheduling',
      'FailedMount',
      'Evicted',
      'Unschedulable',
      'Insufficient cpu',
      'Insufficient memory',
    ],
    pattern:
      /\b(?<code>CrashLoopBackOff|ImagePullBackOff|ErrImagePull|ErrImageNeverPull|CreateContainerConfigError|CreateContainerError|RunContainerError|InvalidImageName|OOMKilled|FailedScheduling|FailedMount|Evicted|Insufficient (?:cpu|memory))\b/,
    ...deployment,
    tool: 'kubectl',
    kinds: ['plain', 'log'],
    always: true,
    refine: (draft) => ({
      ...draft,
      code: draft.code.startsWith('Insufficient') ? 'FailedScheduling' : draft.code,
      severity: draft.code === 'OOMKilled' ? 'critical' : 'high',
      details: { name: /^([a-z0-9][a-z0-9.-]{2,100})\s+\d{1,4}\/\d{1,4}\s/.exec(draft.message)?.[1] },
    }),
  },
  {
    hints: [
      'Error from server',
      'error validating',
      'unable to recognize',
      'no matches for kind',
      'exceeded its progress deadline',
      'imed out waiting for the condition',
      'The connection to the server',
      'error: deployment',
      'no objects passed',
      'current-context',
      'is invalid: ',
      'error: unable to',
      'Error in configuration',
      'error: the path',
      'error: the server',
      'rollout',
    ],
    pattern:
      /Error from server|Error in configuration: .{1,300}|error validating |no matches for kind |exceeded its progress deadline|timed out waiting for the condition|The connection to the server .{1,300}|error: (?:deployment|no objects passed|unable to|the server|the path|current-context)|The \w{1,60} ".{1,100}" is invalid: /,
    ...deployment,
    code: 'CLUSTER_REFUSED',
    tool: 'kubectl',
    refine: kubernetes,
  },
  {
    hints: [
      'INSTALLATION FAILED',
      'execution error at',
      'template: ',
      'failed to download',
      'UPGRADE FAILED',
      'helm',
      'chart',
      'release:',
    ],
    pattern:
      /Error: (?:INSTALLATION FAILED|UPGRADE FAILED|.{0,40}\bchart\b.{0,40}|failed to download|release: |template: |execution error at)/,
    ...deployment,
    code: 'RELEASE_FAILED',
    tool: 'helm',
  },
  {
    hints: ['Error: '],
    // Terraform, inside its box
    pattern:
      /^Error: (?<message>(?:Unsupported (?:argument|block type|attribute)|Missing required (?:argument|provider)|Reference to undeclared|Invalid (?:reference|value|expression|block|argument|attribute|character|multi-line|count|for_each|provider|template|single-argument|function|resource|string|legacy|number|index|operand|variable|default|type)\b|Argument or block definition required|Unclosed configuration block|No value for required variable|Duplicate (?:resource|variable|output|provider|module|data)|Inconsistent dependency lock file|Failed to (?:query|install) (?:available )?provider|Module not installed|Required plugins are not installed|Backend (?:initialization|configuration)|Error acquiring the state lock|Failed to (?:load|save|read) (?:state|plugin|variables|the)|Provider (?:produced|configuration|registry|type)|creating |updating |deleting |reading |waiting for |configuring |error |Cycle:|Self-referential|Unresolvable module|Unreadable module|Incorrect attribute|Insufficient|Extraneous|Error (?:creating|updating|deleting|reading|launching|putting|modifying)|No configuration files|Call to unknown function|Unknown variable|Invalid).{0,300})$/,
    ...deployment,
    code: 'INFRASTRUCTURE_FAILED',
    tool: 'terraform',
    refine: terraform,
  },
  {
    hints: [
      'remote rejected',
      'Push rejected',
      'failed to push some refs',
      'pre-receive hook declined',
      '[rejected]',
      'Updates were rejected',
    ],
    pattern: /\[remote rejected\]|Push rejected|pre-receive hook declined|! \[rejected\]/,
    ...deployment,
    code: 'PUSH_REJECTED',
    refine: (draft, { line }) => (/protected branch|permission/.test(line) ? { ...draft, details: {} } : draft),
  },
  {
    hints: [
      'previously published version',
      'cannot publish over',
      'EPUBLISHCONFLICT',
      'already exists on',
      'marked as private',
      'already been published',
      'File already exists',
      'is already uploaded',
      'crate version',
    ],
    pattern:
      /cannot publish over the (?:existing|previously published)|previously published version|already been published|marked as private|File already exists|crate version `[^`]{1,60}` is already uploaded|already exists on crates\.io/i,
    ...deployment,
    code: 'PUBLISH_REFUSED',
  },
  {
    hints: ['at=error code='],
    // Heroku's router tells of it while `heroku logs` ends well.
    pattern: /\bat=error code=(?<code>H\d\d) desc="(?<message>[^"]{1,200})"/,
    ...deployment,
    tool: 'heroku',
    always: true,
  },
  {
    hints: [
      'heroku',
      'Heroku',
      'vercel',
      'Vercel',
      'netlify',
      'Netlify',
      'erverless',
      'Deployment',
      'deployment',
      'deploy',
      'Deploy',
      'CloudFormation',
      'ROLLBACK',
      'firebase',
      'Fly',
      'fly',
      'wrangler',
      'Cloudflare API',
      'The stack named',
      'Unzipped size',
      'cdk',
      'CREATE_FAILED',
      'UPDATE_FAILED',
      'gcloud',
      'ERROR: (',
      'App crashed',
      'H10',
      'App Runtime',
      'Function code',
      'railway',
      'Railway',
      'healthcheck',
      'health check',
      'Health check',
    ],
    pattern:
      /\b[Dd]eploy(?:ment)?(?: of \S{1,100}| \S{1,60})? (?:has )?(?:failed|was rejected|was cancell?ed|errored|is in failed state|timed out|did not succeed)|\b[Ff]ailed (?:to deploy|deploy(?:ing|ment)?)\b|Error deploying|Error: (?:The |Your )?[Dd]eploy|\b(?:CREATE|UPDATE|DELETE)_FAILED\b|\bROLLBACK_(?:COMPLETE|FAILED|IN_PROGRESS)\b|The stack named \S{1,200} failed|ERROR: \(gcloud\.|at=error code=H\d\d |App crashed|Server(?:less |less)Error|\b[Hh]ealth ?checks? (?:failed|never passed|timed out|did not pass|for .{1,60} failed)|smoke checks? .{0,40}(?:failed|did not pass)|Unzipped size must be smaller than|exceeds the (?:maximum|limit).{0,60}(?:Serverless Function|deployment|Lambda|unzipped)|A request to the Cloudflare API/,
    ...deployment,
    code: 'DEPLOY_FAILED',
    kinds: ['plain', 'title'],
  },
  {
    hints: [
      'Invalid workflow file',
      'Unable to resolve action',
      'workflow is not valid',
      'Unrecognized named-value',
      'Unrecognized function',
      'No event triggers',
      'The job was not started',
      'lost communication with the server',
      'has exceeded the maximum execution time',
      'The operation was canceled',
      'received a shutdown signal',
      "Can't find 'action.yml'",
      'self-hosted runner',
      'billing',
      'No hosted parallelism',
      'Required property is missing',
      'Unexpected value',
    ],
    pattern:
      /(?:Invalid workflow file.{0,300}|Unable to resolve action .{1,200}|The workflow is not valid.{0,300}|Unrecognized (?:named-value|function): .{1,200}|The job was not started.{0,300}|(?:hosted )?runner\b.{0,60}lost communication with the server.{0,100}|has exceeded the maximum execution time.{0,100}|The operation was canceled.{0,40}|runner has received a shutdown signal.{0,200}|Can't find 'action\.yml'.{0,200}|No hosted parallelism.{0,100})|Unexpected value '[^']{1,100}'|Required property is missing: .{1,60}/,
    ...deployment,
    code: 'PIPELINE_FAILED',
    tool: 'github-actions',
    refine: pipeline,
  },
]

/** Whoever passes on why something failed passes these on unchanged. */
const reasons: readonly FaultCategory[] = ['permission', 'network']

function docker(draft: Draft, { line }: Sighting): Draft | undefined {
  if (
    /i\/o timeout|TLS handshake|no such host|connection refused|toomanyrequests|Service Unavailable|Temporary failure/.test(line)
  )
    return undefined
  if (/no configuration file provided|services\.\S+ |no such service|invalid reference format/.test(line)) {
    return /services\./.test(line) && !/additional propert|must be|invalid|undefined|depends on|refers to|not allowed/i.test(line)
      ? undefined
      : { ...draft, category: 'configuration', code: 'CONFIG_INVALID' }
  }
  if (/port is already allocated|address already in use/.test(line))
    return {
      ...draft,
      category: 'configuration',
      severity: 'medium',
      code: 'EADDRINUSE',
      details: { port: Number(/:(\d{2,5})(?: failed|:|\s|$)/.exec(line)?.[1] ?? 0) || undefined },
    }
  const reading = surely(line)
  if (reading !== undefined && reasons.includes(reading.category)) return asRead({ ...draft, details: {} }, reading)
  if (/executable file not found in \$?PATH/.test(line))
    return {
      ...draft,
      category: 'dependency',
      code: 'COMMAND_NOT_FOUND',
      details: { program: /exec: \\?"([^"\\]{1,200})/.exec(line)?.[1] },
    }
  // A step of the build that failed repeats the exit code of a tool whose own words stand above.
  const wrapper = /did not complete successfully|returned a non-zero code|executor failed/.test(line)
  return {
    ...draft,
    code: wrapper ? 'CONTAINER_BUILD_FAILED' : draft.code,
    rank: wrapper ? 'wrapper' : 'cause',
  }
}

function kubernetes(draft: Draft, { line }: Sighting): Draft | undefined {
  if (/\(Forbidden\)|\(Unauthorized\)|must be logged in/.test(line))
    return { ...draft, category: 'permission', code: 'ACCESS_DENIED' }
  if (/refused|i\/o timeout|no such host|TLS handshake timeout|\(ServiceUnavailable\)|\(Timeout\)|\(TooManyRequests\)/.test(line))
    return undefined
  if (/yaml: |YAML to JSON/.test(line)) return undefined
  if (/^Error in configuration|the path ".*" does not exist|current-context/.test(line))
    return {
      ...draft,
      category: 'configuration',
      code: 'CONFIG_INVALID',
      details: { path: /path "([^"]{1,300})"/.exec(line)?.[1] },
    }
  const name = /"([^"]{1,200})"/.exec(line)?.[1]
  if (/error validating|unknown field|is invalid:|no matches for kind|\(BadRequest\)|\(Invalid\)|current-context/.test(line))
    return { ...draft, code: 'MANIFEST_INVALID', details: { name } }
  return {
    ...draft,
    code: /progress deadline|waiting for the condition/.test(line)
      ? 'ROLLOUT_FAILED'
      : /\(NotFound\)/.test(line)
        ? 'RESOURCE_NOT_FOUND'
        : draft.code,
    details: { name },
  }
}

function terraform(draft: Draft, { output, index }: Sighting): Draft | undefined {
  const near = output.lines.slice(index, index + 14)
  const match = near.map((line) => /^on (?<file>\S{1,300}) line (?<line>\d{1,7})/.exec(line)).find((found) => found !== null)
  const location = placeOf(match)
  const own = location !== undefined || near.some((line) => /terraform|provider|resource|state lock/i.test(line))
  if (!own) return undefined
  const text = near.join('\n')
  if (/^Error acquiring the state lock/.test(draft.message)) return { ...draft, code: 'LOCKED', transient: true }
  const wrong =
    /^(?:Unsupported|Missing required|Reference to undeclared|Invalid|No value|Duplicate|Cycle|Self-|Incorrect|Insufficient|Extraneous|Call to unknown|Unknown|No configuration|Inconsistent|Backend configuration|Required plugins|Module not installed|Unreadable)/.test(
      draft.message,
    )
  if (
    /^(?:Argument or block definition required|Unclosed configuration|Invalid (?:expression|character|multi-line|single-argument|block definition|string literal|argument name))/.test(
      draft.message,
    )
  )
    return { ...draft, category: 'syntax', code: 'HCL_SYNTAX', location }
  if (/AccessDenied|UnauthorizedOperation|No valid credential|AuthorizationFailed|\b403\b/.test(text))
    return { ...draft, category: 'permission', code: 'ACCESS_DENIED', location }
  if (/no such host|i\/o timeout|connection refused|could not connect to registry|TLS handshake|Client\.Timeout/.test(text))
    return { ...draft, category: 'network', code: 'NETWORK', location }
  if (/^Failed to (?:query|install)/.test(draft.message))
    return {
      ...draft,
      category: 'dependency',
      code: 'PACKAGE_NOT_FOUND',
      location,
      details: { package: /provider ([\w.-]{1,100}\/[\w.-]{1,100})/.exec(text)?.[1] },
    }
  return wrong ? { ...draft, category: 'configuration', code: 'CONFIG_INVALID', location } : { ...draft, location }
}

function pipeline(draft: Draft, { line, output }: Sighting): Draft | undefined {
  if (/Unexpected value|Required property/.test(line) && !output.lines.some((other) => /workflow|\.ya?ml/.test(other)))
    return undefined
  const wrong = /Invalid workflow|not valid|Unrecognized|Unexpected value|Required property/.test(line)
  const file =
    /([^\s"':(]{1,300}\.ya?ml)/.exec(line)?.[1] ??
    output.lines
      .map((other) => /(\.github\/workflows\/[^\s"':(]{1,200}\.ya?ml)/.exec(other)?.[1])
      .find((name) => name !== undefined)
  const place = /[Ll]ine:? (\d{1,7}),? [Cc]ol(?:umn)?:? (\d{1,7})/.exec(line)
  const location = locationOf(file, place?.[1], place?.[2])
  if (wrong) return { ...draft, category: 'configuration', code: 'WORKFLOW_INVALID', location }
  if (/lost communication|shutdown signal/.test(line)) return { ...draft, transient: true }
  if (/was canceled/.test(line)) return { ...draft, severity: 'info', code: 'CANCELLED', rank: 'wrapper' }
  return { ...draft, location }
}
