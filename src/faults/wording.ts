import type { FaultCategory } from '../core/fault.js'
import type { Draft } from './rule.js'

/** What a sentence about a failure is about. */
export interface Reading {
  readonly category: FaultCategory
  /** Absent: the words name no known kind of failure. */
  readonly code?: string | undefined
  /** Of all words that speak for the category; from {@link sureWeight} on they name the kind of failure itself. */
  readonly weight: number
  readonly transient?: boolean | undefined
}

/** So much weighs a word that leaves no doubt, such as the name of an exception. */
export const sureWeight = 6

interface Family {
  readonly category: FaultCategory
  readonly weight: number
  readonly pattern: RegExp
  readonly code?: string
  readonly transient?: boolean
}

/**
 * Reads a sentence by families of words: names of exceptions, statuses of protocols, what is missing and of what kind it is.
 * They are the same in every tool and every language of programming, so they hold for tools that no rule knows.
 */
export function readWords(sentence: string): readonly Reading[] {
  const readings = new Map<FaultCategory, Reading>()
  for (const { category, weight, pattern, code, transient } of families) {
    if (!pattern.test(sentence)) continue
    const known = readings.get(category)
    const first = known?.code === undefined ? { code, transient } : { code: known.code, transient: known.transient }
    readings.set(category, { category, weight: (known?.weight ?? 0) + weight, ...first })
  }
  return [...readings.values()].sort((a, b) => b.weight - a.weight)
}

/** What a sentence says beyond doubt, if it does. */
export function surely(sentence: string): Reading | undefined {
  const [best, next] = readWords(sentence)
  return best !== undefined && best.weight >= sureWeight && best.weight > (next?.weight ?? 0) ? best : undefined
}

/** What a sure reading changes in the draft of a rule that saw only that something failed. */
export function asRead(draft: Draft, reading: Reading | undefined, only?: readonly FaultCategory[]): Draft {
  if (reading === undefined || reading.category === draft.category) return draft
  if (only !== undefined && !only.includes(reading.category)) return draft
  return {
    ...draft,
    category: reading.category,
    code: reading.code ?? draft.code,
    severity: undefined,
    transient: reading.transient,
  }
}

/** Named things of a project's settings: what is not found, unknown or not allowed of these is a fault of the configuration. */
const settings =
  'tasks?|scripts?|targets?|projects?|profiles?|presets?|reporters?|rules?|options?|flags?|arguments?|parameters?|settings?|propert(?:y|ies)|keys?|fields?|directives?|services?|environments?|workspaces?|stages?|goals?|phases?|subcommands?|commands?|variables?|values?|contexts?|schemes?|sections?|attributes?|entry|entrypoint|input|config(?:uration)?(?: file)?'
const things =
  'modules?|packages?|dependenc(?:y|ies)|librar(?:y|ies)|plugins?|gems?|crates?|extensions?|binar(?:y|ies)|executables?|programs?|interpreters?|compilers?|headers?|drivers?|providers?|browsers?|distributions?|toolchains?|versions?|artifacts?'

const families: readonly Family[] = [
  {
    category: 'permission',
    weight: 7,
    code: 'ACCESS_DENIED',
    transient: false,
    pattern:
      /\b\w{0,60}(?:Authentication|Authorization|Unauthorized|Forbidden|AccessDenied|PermissionDenied|Credentials?)\w{0,40}(?:Error|Exception)\b|\b(?:PERMISSION_DENIED|UNAUTHENTICATED|ACCESS_DENIED|INVALID_API_KEY|E40[13]|EACCES|EPERM)\b/,
  },
  {
    category: 'permission',
    weight: 6,
    code: 'ACCESS_DENIED',
    transient: false,
    pattern:
      /\b(?:invalid|incorrect|wrong|bad|expired|revoked|rejected) (?:api[ -]?key|(?:access|auth\w{0,12}|bearer|api|refresh|security|session) token|password|credentials?|username|login)|\b(?:not|un)[ -]?(?:authori[sz]ed|authenticated)\b|(?:please|must|need to|required to|have you) .{0,20}\b(?:log|sign)(?:ged)? ?in\b|not (?:logged|signed) in|access (?:is |was )?(?:denied|forbidden)|permission\S{0,40} (?:\S{1,60} ){0,4}denied|(?:do(?:es)? not|don't|doesn't) have (?:the |any )?(?:\S{1,40} ){0,2}(?:permissions?|access|rights?)\b|insufficient (?:permissions?|privileges?|scopes?|access|rights)|operation not permitted|read-only file ?system|status(?: ?code)?[ :=]{1,3}40[13]\b|\b40[13][: ]{1,2}(?:unauthori[sz]ed|forbidden)|authenti\w{1,12} (?:is |was )?(?:failed|failure|required)|failed to (?:authenticate|log ?in)|requires \w{1,20} access|terminal prompts disabled|missing (?:\S{1,30} )?credentials|not accessible by/i,
  },
  {
    category: 'permission',
    weight: 3,
    pattern:
      /permission|denied|forbidden|unauthori[sz]ed|not allowed|credential|privilege|access token|api key|password|\blogin\b/i,
  },
  {
    category: 'network',
    weight: 6,
    code: 'CERTIFICATE_INVALID',
    transient: false,
    pattern:
      /\bx509: |certificate (?:has expired|is not trusted|verif\w{1,8} failed|signed by unknown)|self[- ]signed certificate|local issuer certificate/i,
  },
  {
    category: 'network',
    weight: 7,
    code: 'NETWORK',
    transient: true,
    pattern:
      /\b\w{0,60}(?:RateLimit|TooManyRequests|Throttl(?:ed|ing)|ServiceUnavailable|BadGateway|GatewayTimeout|Connection(?:Refused|Reset|Closed|Aborted|Timeout|Lost)?|(?:Connect|Read|Request|Socket|Network)Timeout|Network|Socket|UnknownHost|Unreachable|NoRouteToHost)(?:ed|d|Limit)?(?:Error|Exception|Failure)\b|\b(?:UNAVAILABLE|DEADLINE_EXCEEDED|RESOURCE_EXHAUSTED|ECONN\w{3,10}|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH)\b/,
  },
  {
    category: 'network',
    weight: 6,
    code: 'NETWORK',
    transient: true,
    pattern:
      /rate[ -]?limit(?:ed|s)?(?: (?:was )?(?:exceeded|reached|hit)|\b)|too many requests|temporarily unavailable|service unavailable|bad gateway|gateway time-?out|Client\.Timeout|awaiting headers|dns error|name resolution|(?:could not|cannot|can't|couldn't|failed to|unable to) (?:\S{1,30} ){0,2}(?:resolve host|(?:connect|reach)\b)|connection (?:to (?:\S{1,80} ){1,6})?(?:was |is |has been )?(?:refused|reset|closed|lost|aborted|terminated|timed out|failed)|(?:host|network|server) (?:is |was )?(?:unreachable|not reachable)|\b(?:HTTP|status|code|error)[ :=]{1,3}(?:408|425|429|50[0234])\b|try again later|server (?:is )?(?:overloaded|busy)/i,
  },
  {
    category: 'network',
    weight: 3,
    pattern:
      /\bconnect(?:ion|ing)?\b|\bnetwork\b|time(?:d )?out|unreachable|\bhost(?:name)?\b|\bsocket\b|\bDNS\b|\bproxy\b|gateway|\bTLS\b|\bSSL\b/i,
  },
  {
    category: 'syntax',
    weight: 6,
    code: 'SYNTAX_ERROR',
    transient: false,
    pattern:
      /\b\w{0,60}(?:Syntax|Pars(?:e|er|ing)|(?<!Unicode)Decode|Lexer|Tokeni[sz]er|Scanner|MalformedJson|Json|YAML|Toml)(?:Error|Exception)\b|syntax error|pars(?:e|ing) error|unexpected (?:token|end\b|eof|character|symbol|identifier|indent|newline|closing|string|["'`]?[{}()[\];,<>=])|unterminated|unclosed|unbalanced|malformed|expected ["'`][^"'`\w]["'`]|not (?:valid|well-formed) (?:json|xml|yaml|toml|utf-?8)|invalid (?:json|xml|yaml|toml|syntax)|(?:could not|cannot|can't|couldn't|failed to|unable to|error) (?:be )?pars(?:e|ed|ing)\b|missing (?:an? )?(?:closing|end|semicolon|bracket|brace|quote|parenthes|comma)|(?:end|closing) tag|did not find expected|\bwhile parsing an? \w|\b(?:YAML|JSON|TOML|XML) error\b|unfinished \w+ (?:term|string)|premature end/i,
  },
  {
    category: 'syntax',
    weight: 2,
    pattern: /syntax|\bpars(?:e|ed|ing)\b/i,
  },
  {
    category: 'dependency',
    weight: 7,
    code: 'LIBRARY_NOT_FOUND',
    transient: false,
    pattern:
      /\b\w{0,60}(?:ModuleNotFound|ImportError|LoadError|ClassNotFound|NoClassDefFound|InterpreterNotFound|PackageNotFound|UnsatisfiedLink|DistributionNotFound|VersionConflict|Resolution(?:Impossible|TooDeep)|DependencyConflict)\w{0,40}|cannot open shared object|error while loading shared librar|ERR_DLOPEN_FAILED|pkg-config|Could not find directory of|system library .{1,60} (?:required|was not found)|[Ll]ibrary not loaded|DLL load failed|NODE_MODULE_VERSION/,
  },
  {
    category: 'dependency',
    weight: 5,
    pattern: new RegExp(
      String.raw`(?:unable|failed|could not|cannot|can't|couldn't|not able|no) (?:to )?(?:find|found|resolve|locate|load|import|fetch|download|install)\b (?:\S{1,40} ){0,3}(?:${things})\b|\b(?:${things})\b:? ["'\`]?(?:\S{1,80} ){0,2}["'\`]?(?:is |was |are |were |could not be |cannot be |does |do )?(?:not (?:found|installed|available|exist|resolved)|missing|unresolved|incompatible)|\b(?:missing|unresolved|unmet) (?:\S{1,40} ){0,2}(?:${things})\b|\bno (?:matching|such|compatible|suitable|candidate) (?:\S{1,30} )?(?:${things})\b|bare specifier|version solving|\bunmet\b|peer dep|lock ?file|checksum mismatch|(?:hashes|integrity|checksum)\b.{0,40}\bmatch|known hashes|installation candidates?|(?:is|are) not installed|you need to install|do you need to install|is it installed\?|did you install|missing the dependency|not (?:on|in) (?:the |your |\$)?PATH\b`,
      'i',
    ),
  },
  {
    category: 'dependency',
    weight: 3,
    pattern:
      /\bmodules?\b|\bpackages?\b|dependenc|not installed|\bimport\b|\bplugins?\b|\bregistry\b|librar(?:y|ies)\b|please install|\b(?:npm|pip|gem|bundle|apt-get|brew) install\b/i,
  },
  {
    category: 'configuration',
    weight: 7,
    code: 'CONFIG_INVALID',
    transient: false,
    pattern:
      /\b\w{0,60}(?:Config(?:uration)?|Settings?|Environment)(?:Validation|Parse|Load)?(?:Error|Exception)\b|ImproperlyConfigured|not contain (?:this|these) features?\b|\b[A-Z][A-Z0-9]{1,40}_[A-Z0-9_]{2,60}\b.{0,40}\b(?:missing|required|not set|undefined|must be|is empty|not found|not provided|not defined)\b|\b(?:[Mm]issing|[Rr]equired|[Rr]equires|[Ss]et|[Pp]rovide|[Dd]efine|[Ss]pecify|[Ss]upply)\b.{0,60}\b(?:env(?:ironment)? var\w{0,6}|[A-Z][A-Z0-9]{1,40}_(?:KEY|TOKEN|SECRET|URL|URI|PASSWORD|HOST|PORT|ID|DSN)\b)/,
  },
  {
    category: 'configuration',
    weight: 6,
    code: 'CONFIG_INVALID',
    transient: false,
    // Secrets, addresses and versions that a program was not given, or was given wrong.
    pattern:
      /\b\w{0,40}(?:secret\w{0,20}|region|api[ _]?key|token|dialect|host(?:name)?|port|ur[li]|dsn|endpoint|connection ?string|database name|client[ _]?id|bucket|domain|webhook|private ?key|public ?key)\b.{0,30}\b(?:is missing|must have a value|must be (?:set|provided|specified|supplied|configured|a string)|is required|(?:needs|has) to be .{0,20}(?:supplied|set|provided)|(?:is )?not (?:set|provided|configured|specified))|needs to be explicitly supplied|or (?:higher|newer|later) is required|is not installable|\bversion (?:is |of .{1,40} is )?v?\d[\w.]{0,20}\b.{0,40}\b(?:but|required|requires|specified|expected|or (?:higher|newer|later|greater))\b|(?:could not find|cannot find|no|does not contain) (?:an? |the |any )?(?:\S{1,40} ){0,2}[\w.-]{1,40}\.(?:json|toml|ya?ml|xml|lock|ini|cfg|properties|csproj|sln)\b|\.env[\w.-]{0,20}["'`]? (?:not found|does not exist)/i,
  },
  {
    category: 'configuration',
    weight: 5,
    code: 'CONFIG_INVALID',
    transient: false,
    pattern: new RegExp(
      String.raw`\b(?:${settings})\b(?:\(s\))?:? ["'\`]?(?:\S{1,80} ){0,2}["'\`]?(?:is |was |are |were |does |do |has |must )?(?:not (?:found|recogni[sz]ed|defined|supported|allowed|exist|valid|known|set|configured|specified|a valid)|unknown|invalid|missing|undefined|required|be (?:set|specified|one of|an? ))|\b(?:unknown|invalid|unrecogni[sz]ed|unsupported|undefined|missing|illegal|duplicate|ambiguous|bad|no) (?:required |such |default |valid )?(?:\S{1,40} ){0,2}?(?:${settings})\b|(?:cannot|can't|could not|couldn't|unable to|failed to) (?:find|load|locate|read|open) (?:\S{1,40} ){0,3}(?:${settings})\b|\S\.(?:json5?|jsonc|ya?ml|toml|ini|conf|cfg|env|config\.\w{2,4})["'\`]? (?:does not exist|not found|is missing|is invalid|was not found|could not be)|(?:could not|couldn't|cannot|can't|unable to) find (?:an? |any |the )?(?:\S{1,40} ){0,4}(?:director(?:y|ies)|folders?|files?|builds?)\b|does not (?:appear to )?contain\b|not configured|is not a valid\b|should not have`,
      'i',
    ),
  },
  {
    category: 'configuration',
    weight: 3,
    pattern:
      /config|\boptions?\b|\bsettings?\b|environment|\bflags?\b|\barguments?\b|\bparameters?\b|^usage:|is required\b|\brequired (?:either|property|field|argument)|\bmust (?:be|have|start|contain|specify|match|provide|not)\b|unsupported (?:version|value)|version .{0,40}(?:required|not supported)|must be lowercase/i,
  },
  {
    category: 'configuration',
    weight: 2,
    pattern:
      /\b(?:not found|does not exist|could not find|unable to find|missing|invalid|specify|specified|already exists|expected one of|unexpected key)\b/i,
  },
  {
    category: 'deployment',
    weight: 5,
    code: 'DEPLOY_FAILED',
    transient: false,
    pattern:
      /^Job for \S{1,80}\.service failed|\bunit \S{1,80}\.service\b|exec format error|\b(?:deploy(?:ment|ing)?|rollout|release|publish(?:ing)?|pipeline|workflow|job|stack|revision|pod|container|image|artifacts?|instance|machine|cluster|node pool|function)s?\b(?: ["'`]?\S{1,80}){0,4} (?:has )?(?:failed|was rejected|is (?:not ready|unhealthy|in (?:a )?failed state)|not found|rejected|errored|exited|did not)|\bquota\b.{0,60}exceeded|exceeded .{0,20}quota|already exists in (?:the )?(?:registry|cluster|account)/i,
  },
  {
    category: 'deployment',
    weight: 3,
    pattern:
      /deploy|rollout|\brelease\b|\bcontainers?\b|\bimages?\b|cluster|publish|\bmachine\b|\bpods?\b|\brunner\b|\bartifacts?\b|provision/i,
  },
  {
    category: 'test',
    weight: 6,
    pattern:
      /\b\w{0,60}(?:Assertion|Expectation|ComparisonFailure)\w{0,20}(?:Error|Exception|Failed)\b|\b[1-9]\d{0,6} (?:tests?|specs?|examples?|scenarios?|assertions?) (?:have )?fail|\btests (?:have )?failed\b|failing tests?|failed tests\b|snapshots? (?:obsolete|failed|mismatch)|race detected/i,
  },
  {
    category: 'test',
    weight: 2,
    pattern: /\btests?\b|\bspecs?\b|\bexpected\b|coverage|\bassert\w{0,10}\b/i,
  },
  { category: 'test', weight: 4, pattern: /\b(?:selector|locator|snapshot)\b/i },
  {
    category: 'build',
    weight: 5,
    pattern:
      /compil(?:ation|e|er|ing) (?:\S{1,30} )?(?:error|failed|failure)|\bfailed to compile|undefined reference|linker? (?:command )?(?:error|failed)|type error\b|type mismatch|\bbuild (?:\S{1,60} )?failed|undeclared|incompatible types?\b|\bis not assignable\b|(?:import|dependency) cycle\b|circular (?:dependency|import)/i,
  },
  { category: 'build', weight: 2, pattern: /compil|\bbuild|bundl|transpil|\btypes?\b|\blint|\blink(?:er|ing)/i },
  {
    category: 'runtime',
    weight: 5,
    pattern:
      /\b\w{0,60}(?:NullPointer|NullReference|IndexOutOf\w{1,10}|IllegalState|IllegalArgument|Arithmetic|ZeroDivision|Overflow|NoMethod|Attribute|ClassCast|ConcurrentModification)(?:Error|Exception)\b|\bpanic(?:ked)?\b|segmentation fault|nil pointer|null pointer|out of (?:range|bounds)|not in gzip format|not a zip ?file|central-directory|\bcorrupt(?:ed)?\b|divi(?:de|sion) by zero|stack overflow|core dumped/i,
  },
  { category: 'runtime', weight: 2, pattern: /exception|uncaught|unhandled|could not execute|no such file|aborted/i },
]
