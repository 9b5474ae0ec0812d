import { retryAfterMs } from './retry-after.js'
import type { Draft, Rule, Sighting } from './rule.js'
import { stackEnd, stackLocation } from './stack.js'

const transientCodes =
  'ECONNREFUSED|ECONNRESET|ECONNABORTED|ETIMEDOUT|ESOCKETTIMEDOUT|EAI_AGAIN|ENOTFOUND|EHOSTUNREACH|EHOSTDOWN|ENETUNREACH|ENETDOWN|ENETRESET|EPIPE|ENOTCONN|ERR_SOCKET_TIMEOUT|ERR_STREAM_PREMATURE_CLOSE|UND_ERR_CONNECT_TIMEOUT|UND_ERR_HEADERS_TIMEOUT|UND_ERR_BODY_TIMEOUT|UND_ERR_SOCKET|FETCH_ERROR'
const certificateCodes =
  'CERT_HAS_EXPIRED|SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT(?:_LOCALLY)?|ERR_TLS_CERT_ALTNAME_INVALID|CERT_NOT_YET_VALID'

/** Hosts that do not answer, answer badly, or cannot be believed. */
export const networkRules: readonly Rule[] = [
  {
    hints: ['CERT', 'SELF_SIGNED', 'UNABLE_TO_', 'certificate', 'SSL', 'EPROTO'],
    pattern: new RegExp(
      `\\b(?<named>${certificateCodes}|EPROTO)\\b|self[- ]signed certificate|certificate has expired|certificate verify failed|unable to (?:verify the first|get local issuer) certificate|SSL certificate problem|x509: certificate|SSL routines:`,
    ),
    category: 'network',
    code: 'CERTIFICATE_INVALID',
    transient: false,
    refine: (draft, sighting) =>
      connected({ ...draft, code: sighting.groups['named'] ?? 'CERTIFICATE_INVALID', details: {} }, sighting),
  },
  {
    hints: ['ECONN', 'ETIMEDOUT', 'ESOCKETTIMEDOUT', 'EAI_AGAIN', 'ENOTFOUND', 'EHOST', 'ENET', 'EPIPE'],
    // libuv: "connect ECONNREFUSED 127.0.0.1:5432", "getaddrinfo EAI_AGAIN db.example.com", "read ECONNRESET".
    pattern: new RegExp(
      `\\b(?<syscall>connect|read|write|getaddrinfo|query\\w{0,8}|send|request|shutdown|bind|listen)(?: to)? (?<code>${transientCodes})\\b(?:\\s(?<host>[\\w.\\-]{1,253}|\\[?[0-9A-Fa-f:.]{2,45}\\]?)(?::(?<port>\\d{1,5}))?(?=[\\s,;)'"]|$))?`,
    ),
    category: 'network',
    refine: connected,
  },
  {
    hints: [
      'ECONN',
      'ETIMEDOUT',
      'ESOCKETTIMEDOUT',
      'EAI_AGAIN',
      'ENOTFOUND',
      'EHOST',
      'ENET',
      'EPIPE',
      'ERR_SOCKET',
      'UND_ERR',
      'ERR_STREAM',
      'FETCH_ERROR',
    ],
    // As a property, an npm code, or in brackets.
    pattern: new RegExp(
      `(?:\\bcode:? ['"]?|\\berrno:? ['"]?|\\b(?:Error|error|failed|reason)\\b.{0,120}?\\b|\\(|\\[)(?<code>${transientCodes})\\b`,
    ),
    category: 'network',
    refine: connected,
  },
  {
    hints: [
      'fetch failed',
      'socket hang up',
      'network timeout',
      'Network Error',
      'other side closed',
      'Client network socket disconnected',
      'Connect Timeout Error',
      'Headers Timeout Error',
      'terminated',
    ],
    pattern:
      /Error(?: \[\w{1,40}\])?: (?:.{0,200}: )?(?:fetch failed|socket hang up|network timeout at: |Network Error|other side closed|Client network socket disconnected|Connect Timeout Error|Headers Timeout Error|terminated$)/,
    category: 'network',
    code: 'FETCH_FAILED',
    refine: withCause,
  },
  {
    hints: ['curl: ('],
    pattern: /curl: \((?<status>\d{1,3})\) .{1,300}/,
    category: 'network',
    code: 'CURL',
    tool: 'curl',
    refine: curl,
  },
  {
    hints: [
      'HTTP',
      'status',
      'Status',
      'code',
      'Too Many',
      'Unavailable',
      'Bad Gateway',
      'Gateway',
      'Request Timeout',
      'Internal Server Error',
      'Response',
      'returned error',
      'responded with',
      'server error',
      'Server Error',
    ],
    pattern:
      /(?:\b[Ss]tatus(?: ?[Cc]ode)?(?: of)?:?(?: is)? |\bHTTP(?:\/[\d.]{1,3})? (?:error )?(?:status )?(?:code )?|\bHTTP ?[Ee]rror:? |\b[Rr]esponse [Cc]ode:? |\breturned error: |\b[A-Za-z]{3,30} (?:returned|responded with)(?: a)?(?: status)?(?: code)? |\b[Ee]rror:? |^|[(:] ?)(?<status>408|425|429|5\d\d)(?: (?:\(?(?:[Tt]oo [Mm]any|[Ss]ervice|[Bb]ad [Gg]ateway|[Gg]ateway|[Ii]nternal [Ss]erver|[Rr]equest [Tt]ime)|error|from|response)|\b(?=[.,)]|$| -))/,
    category: 'network',
    code: 'HTTP',
    refine: httpStatus,
  },
  {
    hints: [
      'Too Many Requests',
      'Service Unavailable',
      'Bad Gateway',
      'Gateway Timeout',
      'Gateway Time-out',
      'rate limit',
      'Rate limit',
      'RateLimitError',
      'toomanyrequests',
      'rate_limit',
      'overloaded_error',
    ],
    pattern:
      /(?<said>Too Many Requests|Service (?:Temporarily )?Unavailable|Bad Gateway|Gateway Time-?out|[Rr]ate ?[Ll]imit(?:Error| (?:exceeded|reached|hit)|_exceeded| for| error)|toomanyrequests|overloaded_error)/,
    category: 'network',
    code: 'HTTP',
    refine: saidStatus,
  },
  {
    hints: [
      'onnection refused',
      'was refused',
      'net::ERR_',
      "Can't reach database",
      'verify that this server is running',
      'ailed to connect to',
      "ouldn't connect to",
      'onnection reset',
      'onnection timed out',
      'imed out',
      'ould not resolve host',
      'name resolution',
      'Temporary failure',
      'etwork is unreachable',
      'No route to host',
      'no such host',
      'i/o timeout',
      'TLS handshake timeout',
      'Name or service not known',
      'nodename nor servname',
      'UnknownHostException',
      'ConnectException',
      'onnection closed',
      'emote end',
      'unexpectedly closed',
      'hung up',
      'Failed to establish a new connection',
      'ConnectionError',
      'unexpected disconnect',
      'early EOF',
      'ConnectionRefused',
      'ConnectionClosed',
      'UnexpectedEOF',
      'spurious network error',
      'Unable to connect',
      'network error',
      'onnection aborted',
      'onnection terminated',
      'context deadline exceeded',
    ],
    pattern:
      /(?<said>[Cc]onnection refused|connection to .{1,100} was refused|Can't reach database server|could not verify that this server is running|net::ERR_(?:CONNECTION_\w{1,20}|NAME_NOT_RESOLVED|INTERNET_DISCONNECTED|TIMED_OUT|ADDRESS_UNREACHABLE|NETWORK_CHANGED|EMPTY_RESPONSE)|[Ff]ailed to connect to|[Cc]ouldn't connect to server|ConnectionRefused|ConnectException|[Cc]onnection reset|[Cc]onnection aborted|[Cc]onnection (?:was )?(?:closed|terminated)(?: unexpectedly| by)|(?:[Cc]onnection|[Cc]onnect|[Rr]ead|[Oo]peration|[Rr]equest) timed out|Read timed out|i\/o timeout|TLS handshake timeout|context deadline exceeded|[Cc]ould not resolve host|[Tt]emporary failure in name resolution|Temporary failure resolving|no such host|Name or service not known|nodename nor servname|UnknownHostException|[Nn]etwork is unreachable|No route to host|[Rr]emote end (?:closed|hung up)|hung up unexpectedly|unexpectedly closed|unexpected disconnect|early EOF|Failed to establish a new connection|ConnectionError|ConnectionClosed|spurious network error|Unable to connect\b|network error)/,
    category: 'network',
    code: 'NETWORK',
    refine: saidCode,
  },
]

const urlHost = /\bhttps?:\/\/(?:[^\s/@'"]{1,200}@)?(?<host>[\w.-]{1,253})(?::(?<port>\d{1,5}))?/

/** Completes who was called, how soon to try again, and where in the project the call was made. */
function connected(draft: Draft, sighting: Sighting): Draft | undefined {
  const { output, index } = sighting
  const last = stackEnd(output, index)
  const near = output.lines.slice(index, Math.min(last + 12, index + 40)).join('\n')
  const host =
    cleanHost(draft.details['host']) ??
    property(near, 'hostname') ??
    cleanHost(property(near, 'address')) ??
    urlHost.exec(near)?.groups?.['host']
  const port =
    draft.details['port'] ??
    property(near, 'port') ??
    (draft.details['host'] === undefined ? urlHost.exec(near)?.groups?.['port'] : undefined)
  const syscall = draft.details['syscall'] ?? property(near, 'syscall')
  return {
    ...draft,
    code: draft.code === 'ESOCKETTIMEDOUT' ? 'ETIMEDOUT' : draft.code,
    message: draft.message.trim(),
    location: stackLocation(output, index),
    details: {
      ...draft.details,
      host,
      port: port === undefined ? undefined : Number(port),
      syscall,
      retryAfterMs: retryAfterMs(near),
    },
    lineLast: last,
  }
}

function cleanHost(host: unknown): string | undefined {
  if (typeof host !== 'string') return undefined
  const bare = host.replace(/^\[|\]$/g, '')
  return /^[\w-]+(?:\.[\w-]+)*$|^[0-9A-Fa-f:.]+$/.test(bare) && !/^(?:at|errno|code|Require|to|from|while)$/.test(bare)
    ? bare
    : undefined
}

function property(text: string, name: string): string | undefined {
  return new RegExp(`\\b${name}: ['"]?([\\w.:-]{1,253})`).exec(text)?.[1]
}

/** `fetch failed` says nothing; the error that caused it, a few lines below, does. */
function withCause(draft: Draft, sighting: Sighting): Draft | undefined {
  const { output, index } = sighting
  if (/\bterminated$/.test(sighting.line) && !/TypeError/.test(sighting.line)) return undefined
  const near = output.lines.slice(index, index + 30)
  const cause =
    near.find((line) => /\[?cause\]?: |\[errors\]: /.test(line)) ??
    near.find((line) => new RegExp(`\\bcode: '(?:${transientCodes}|${certificateCodes})'`).test(line))
  const code = new RegExp(`\\b(?:${transientCodes}|${certificateCodes})\\b`).exec(near.join('\n'))?.[0]
  const hungUp = /socket hang up|other side closed|socket disconnected/.test(sighting.line)
  const place =
    cause === undefined
      ? undefined
      : new RegExp(`(?:connect|getaddrinfo|read) \\w+ ([\\w.-]{1,253}|[0-9A-Fa-f:.]{2,45})(?::(\\d{1,5}))?$`).exec(cause)
  const timeout = /[Tt]imeout/.test(sighting.line)
  const completed = connected(
    {
      ...draft,
      code: code ?? (hungUp ? 'ECONNRESET' : timeout ? 'ETIMEDOUT' : draft.code),
      transient: code === undefined || new RegExp(`^(?:${transientCodes})$`).test(code),
      details: { host: place?.[1], port: place?.[2] },
    },
    sighting,
  )
  return completed === undefined
    ? undefined
    : { ...completed, lineLast: Math.max(completed.lineLast ?? index, cause === undefined ? index : index + near.indexOf(cause)) }
}

const curlCodes: Readonly<Record<string, string>> = {
  5: 'ENOTFOUND',
  6: 'ENOTFOUND',
  7: 'ECONNREFUSED',
  18: 'ECONNRESET',
  28: 'ETIMEDOUT',
  35: 'ECONNRESET',
  52: 'ECONNRESET',
  55: 'ECONNRESET',
  56: 'ECONNRESET',
  92: 'ECONNRESET',
}

/** What is wrong with the call itself: https://curl.se/libcurl/c/libcurl-errors.html */
const curlUsage = new Set(['1', '2', '3', '4', '26', '37', '43', '48'])

function curl(draft: Draft, sighting: Sighting): Draft | undefined {
  const number = sighting.groups['status'] ?? ''
  const status = /returned error: (\d{3})/.exec(sighting.line)?.[1]
  const host = /(?:host:? |connect to )([\w.-]{1,253})/.exec(sighting.line)?.[1]
  const port = /port (\d{1,5})/.exec(sighting.line)?.[1]
  if (status === '401' || status === '403')
    return { ...draft, category: 'permission', code: 'ACCESS_DENIED', transient: false, details: { status: Number(status) } }
  if (status !== undefined) return httpStatus({ ...draft, details: { status } }, sighting)
  if (curlUsage.has(number)) return { ...draft, category: 'configuration', code: 'CONFIG_INVALID', transient: false, details: {} }
  if (number === '67' || number === '9')
    return { ...draft, category: 'permission', code: 'ACCESS_DENIED', transient: false, details: {} }
  if (number === '23') return { ...draft, category: 'runtime', code: 'WRITE_FAILED', transient: false, details: {} }
  return {
    ...draft,
    code: curlCodes[number] ?? 'NETWORK',
    details: { host, port: port === undefined ? undefined : Number(port) },
  }
}

function httpStatus(draft: Draft, sighting: Sighting): Draft | undefined {
  // A number alone at the start of a line is a measurement or a list more often than a status.
  const status = Number(draft.details['status'])
  const completed = connected({ ...draft, code: `HTTP_${status}`, details: {} }, sighting)
  return completed === undefined
    ? undefined
    : {
        ...completed,
        transient: status === 408 || status === 425 || status === 429 || (status >= 500 && status !== 501 && status !== 505),
        details: { ...completed.details, status },
      }
}

function saidStatus(draft: Draft, sighting: Sighting): Draft | undefined {
  const said = sighting.groups['said'] ?? ''
  const status = /Unavailable|overloaded/.test(said) ? 503 : /Bad/.test(said) ? 502 : /Gateway/.test(said) ? 504 : 429
  return httpStatus({ ...draft, details: { status } }, sighting)
}

const saidCodes: readonly (readonly [RegExp, string])[] = [
  [/NAME_NOT_RESOLVED/, 'ENOTFOUND'],
  [
    /refused|reach database|verify that this|ConnectException|Unable to connect|ailed to connect|ouldn't connect/i,
    'ECONNREFUSED',
  ],
  [/temporary failure/i, 'EAI_AGAIN'],
  [/resolve host|no such host|Name or service|nodename|UnknownHost/, 'ENOTFOUND'],
  [/timed[ _]out|timeout|deadline/i, 'ETIMEDOUT'],
  [/unreachable|No route|DISCONNECTED|NETWORK_CHANGED/i, 'ENETUNREACH'],
  [/reset|closed|hung up|disconnect|EOF|aborted|terminated/i, 'ECONNRESET'],
]

function saidCode(draft: Draft, sighting: Sighting): Draft | undefined {
  const { line, index, output } = sighting
  const said = sighting.groups['said'] ?? ''
  // A step of a test that timed out, or a job that did, waited for something else than the network.
  if (
    /(?<![\w./-])(?:tests?|hooks?|specs?|expect|locator|selector|thread)\b(?![./-])/i.test(line) &&
    /timed out|timeout/i.test(said)
  )
    return undefined
  const generic = /^(?:ConnectionError|Failed to establish a new connection|network error|spurious network error)$/.test(said)
  const fuller = generic ? output.lines.slice(index, index + 3).join(' ') : line
  const code =
    saidCodes.find(([words]) => words.test(generic ? fuller : said))?.[1] ??
    saidCodes.find(([words]) => words.test(line))?.[1] ??
    'NETWORK'
  const host =
    /(?:resolve host:? |lookup |host=['"]|connect to (?:host )?(?!server)|server at ["']?|the server (?!at)|to address )([\w.-]{1,253})/.exec(
      line,
    )?.[1] ?? /(?:dial tcp |tcp )(?:lookup )?\[?([\w.:-]{1,253}?)\]?:\d/.exec(line)?.[1]
  const port = /(?:port[= ]?)(\d{1,5})|dial tcp \S{1,253}:(\d{1,5})/.exec(line)
  return connected({ ...draft, code, details: { host, port: port?.[1] ?? port?.[2] } }, sighting)
}
