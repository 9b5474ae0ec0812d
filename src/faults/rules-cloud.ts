import type { FaultCategory } from '../core/fault.js'
import type { Draft, Rule, Sighting } from './rule.js'

const deployment = { category: 'deployment', code: 'DEPLOY_FAILED' } as const

/** Command lines of clouds and hosts. What they refuse is told apart: no right, no answer, wrong words, or the deployment itself. */
export const cloudRules: readonly Rule[] = [
  {
    hints: ['An error occurred ('],
    // AWS: An error occurred (AccessDenied) when calling the PutObject operation: Access Denied
    pattern: /An error occurred \((?<code>[\w.]{1,80})\) when calling the (?<name>\w{1,80}) operation.{0,300}/,
    category: 'deployment',
    tool: 'aws',
    refine: (draft) => ({ ...draft, ...byCode.find(([pattern]) => pattern.test(draft.code))?.[1] }),
  },
  {
    hints: ['ERROR: (gcloud.'],
    pattern: /ERROR: \(gcloud\.(?<name>[\w.-]{1,100})\) (?<message>.{0,400})$/,
    ...deployment,
    tool: 'gcloud',
    refine: byWords,
  },
  {
    hints: [
      'You must specify a region',
      'config profile',
      'required property [',
      'Project Settings',
      "isn't linked",
      'vercel.json',
      'references Secret',
      'netlify.toml',
      'fly.toml',
      'etlify configuration',
      'wrangler.toml',
      'wrangler.json',
      'firebase.json',
      'No currently active project',
      'active project',
      'app name',
      'the config for your app',
      'site ID',
      'account_id',
      'serverless.yml',
      'Pulumi.yaml',
      'cdk.json',
      'Could not find a base directory',
      'Input required and not supplied',
      'required field is not set',
    ],
    pattern:
      /You must specify a region|The config profile \(.{1,80}\) could not be found|required property \[(?<name>[\w/]{1,60})\] is not currently set|Project Settings .{0,60}(?:not found|missing)|codebase isn.t linked|[Ii]nvalid (?:vercel|firebase)\.json|(?:vercel|firebase|netlify|wrangler|fly)\.(?:json|toml|jsonc)\b.{0,80}(?:should NOT|not valid|invalid|not found|missing|required)|references Secret .{1,80} which does not exist|[Nn]etlify configuration property .{1,200}|No currently active project|app name (?:is )?missing|(?:the config for your app is missing|missing an app name)|(?:No|[Mm]issing) (?:site ID|account_id)|--cwd at an incorrect path|--app is required for generation|Input required and not supplied: (?<name2>[\w-]{1,60})|"[\w.]{1,80}": required field is not set/,
    category: 'configuration',
    code: 'CONFIG_INVALID',
    refine: (draft, { groups }) => ({ ...draft, details: { name: groups['name'] ?? groups['name2'] } }),
  },
  {
    hints: [
      'no access token available',
      'token is not valid',
      'No existing credentials',
      'login',
      'Not authorized to',
      'ot logged in',
      'credentials',
      'AuthorizationFailed',
      'not authenticated',
      'PERMISSION_DENIED',
      'does not have permission',
      'security token included',
      'SSO',
      'Not authenticated',
      'nauthenticated',
      'JSONHTTPError: Unauthorized',
      'JSONHTTPError: Forbidden',
      'token has expired',
      'token expired',
    ],
    pattern:
      /no access token available|token (?:provided )?(?:is|was) (?:not valid|invalid|expired)|token has expired|token expired|No existing credentials found|[Pp]lease (?:run|login|log in|use).{0,40}\blogin\b|Please run '?az login|Not authorized to .{1,100}|[Nn]ot logged in|AuthorizationFailed|[Nn]ot authenticated|\b[Uu]nauthenticated\b|\bPERMISSION_DENIED\b|does not have (?:the )?(?:required )?permissions?\b|security token included in the request is (?:invalid|expired)|Error loading SSO Token|SSO session .{0,60}expired|JSONHTTPError: (?:Unauthorized|Forbidden)|refreshing your current auth tokens|could not find default credentials|default credentials were not found/,
    category: 'permission',
    code: 'ACCESS_DENIED',
  },
  {
    hints: [
      'Build script returned non-zero',
      'Failed during stage',
      'Deploy directory',
      'fetch an image or build from source',
      'health check',
      'rollout',
      'Failed to create/update the stack',
      'is in ROLLBACK',
      'Unrecoverable error',
      'cannot serve traffic',
      'failed to start and listen',
      'Revision ',
      'Push rejected',
      'Boot timeout',
      'release command failed',
      'elease command failed',
      'insufficient resources',
      'maximum size limit',
      'Command "',
      'deprecated version of `actions',
      'Resource is limited',
      'Deployment failed',
      'Upload failed',
      'Functions deploy',
      'Build failed with',
      'needs volumes',
    ],
    pattern:
      /Build script returned non-zero exit code.{0,40}|Failed during stage '[^']{1,80}'.{0,200}|Deploy directory .{1,200} has not been found|failed to fetch an image or build from source.{0,300}|(?:waiting for|failing|unhealthy).{0,40} health ?checks?\b.{0,200}|health ?checks?\b.{0,60}(?:fail|time|unhealthy|critical).{0,200}|Failed to create\/update the stack|is in ROLLBACK_\w{1,40}|cannot serve traffic|failed to start and (?:then )?listen|Error R10 \(Boot timeout\)|[Rr]elease command failed|insufficient resources .{1,100}|exceeds the maximum size limit|^(?:Error: )?Command "[^"]{1,200}" exited with \d{1,3}$|deprecated version of `actions\/[\w-]{1,60}|Resource is limited - try again|needs volumes with name/,
    ...deployment,
    // Package managers too say that a command exited; only a host says it of a deployment.
    refine: (draft, { line, output }) =>
      /^(?:Error: )?Command "/.test(line) &&
      !/\b(?:vercel|netlify|now|wrangler)\b/i.test(`${output.command} ${output.lines.slice(0, 3).join(' ')}`)
        ? undefined
        : { ...draft, rank: /from source|Build script|stage|^(?:Error: )?Command/.test(line) ? 'wrapper' : draft.rank },
  },
]

const permission: Partial<Draft> = { category: 'permission', severity: undefined }
const network: Partial<Draft> = { category: 'network', transient: true }

/** The codes of AWS services, by what they mean. */
const byCode: readonly (readonly [RegExp, Partial<Draft>])[] = [
  [
    /AccessDenied|Unauthorized|Forbidden|InvalidClientToken|ExpiredToken|SignatureDoesNotMatch|UnrecognizedClient|AuthFailure|InvalidAccessKey|InvalidIdentityToken|OptInRequired|NotAuthorized|MissingAuthentication/,
    permission,
  ],
  [
    /Throttl|TooManyRequests|RequestLimit|SlowDown|ServiceUnavailable|InternalFailure|InternalError|InternalServer|RequestTimeout|Timeout/,
    network,
  ],
  [/^40[13]$/, permission],
  [/^(?:429|5\d\d)$/, network],
]

const byMessage: readonly (readonly [RegExp, FaultCategory])[] = [
  [
    /PERMISSION_DENIED|does not have permission|[Pp]ermission ['"`]|\b403\b|UNAUTHENTICATED|not have .{0,40}access|active account|auth(?:entication)? tokens?|credentials|log ?in/,
    'permission',
  ],
  [
    /UNAVAILABLE|DEADLINE_EXCEEDED|RESOURCE_EXHAUSTED|Unable to find the server|connect|timed out|gcloud crashed \(\w*Connection/,
    'network',
  ],
  [
    /required property|unrecognized arguments|[Ii]nvalid (?:choice|value|argument)|INVALID_ARGUMENT|[Mm]ust (?:be specified|specify)|argument --?\w/,
    'configuration',
  ],
]

function byWords(draft: Draft, { groups }: Sighting): Draft {
  const category = byMessage.find(([pattern]) => pattern.test(draft.message))?.[1] ?? draft.category
  const code = { permission: 'ACCESS_DENIED', network: 'NETWORK', configuration: 'CONFIG_INVALID' }[String(category)]
  return {
    ...draft,
    category,
    code: code ?? draft.code,
    details: { name: /property \[([\w/]{1,60})\]/.exec(draft.message)?.[1] ?? groups['name'] },
  }
}
