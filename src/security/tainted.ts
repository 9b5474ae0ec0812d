import type { TextIn } from './fact.js'
import { joinedText, lastName } from './script-names.js'
import { childOf, childrenOf, listOf, textOf, walk, type Node, type Place } from './script-tree.js'

/**
 * Looks for values of a request, or of a page's address, that reach a call which reads them as a path, an address, a command,
 * a query, a pattern or markup. Names are followed through declarations and assignments in the order of the text, within the
 * function they stand in; a call that checks or converts ends the trail.
 *
 * @param visible - Whether a node is part of the file, not of what a fragment was put into.
 */
export function seeTainted(
  root: Node,
  textIn: TextIn,
  { see, visible }: { readonly see: (place: Place) => void; readonly visible: (node: Node) => boolean },
): void {
  if (!mayBeTainted.test(textIn(root))) return
  const trail: Trail = []
  walk(root, (place) => {
    const { node } = place
    if (!visible(node)) return
    followFunction(node, trail)
    followAssignment(place, trail)
    if (isSink(node, trail)) see(place)
  })
}

interface Tainted {
  readonly name: string
  /** Where the name means this value. */
  readonly start: number
  readonly end: number
}
type Trail = Tainted[]

const mayBeTainted =
  /\b(?:req|request|res|response|reply|ctx|context|event)\b|\blocation\s*\.|\bdocument\s*\.|\buser_?input\b|\b(?:untrusted|tainted)/i
/** Names followed in one file; more are not ordinary code. */
const trailMax = 500
/** Nodes of one value that are looked at. */
const valueNodesMax = 300

function followFunction(node: Node, trail: Trail): void {
  if (!/Function|Method/.test(node.type)) return
  const [first, second] = listOf(node, 'params')
  for (const parameter of listOf(node, 'params'))
    if (outsideNames.test(textOf(parameter, 'name') ?? '')) addName(textOf(parameter, 'name'), node, trail)
  // A handler that takes its request apart: ({ query, body }, res) => …
  if (first?.type === 'ObjectPattern' && /^(?:res|response|reply)$/.test(textOf(second, 'name') ?? ''))
    for (const name of namesIn(first)) if (requestParts.has(name)) addName(name, node, trail)
}

function followAssignment(place: Place, trail: Trail): void {
  const { node } = place
  const declares = node.type === 'VariableDeclarator'
  if (!declares && node.type !== 'AssignmentExpression') return
  const target = childOf(node, declares ? 'id' : 'left')
  const value = childOf(node, declares ? 'init' : 'right')
  if (target === undefined || value === undefined) return
  // A name that gets another value means that from here on.
  if (target.type === 'Identifier' && !declares && textOf(node, 'operator') === '=' && !isTainted(value, trail))
    return forget(target, trail)
  const takesApart = target.type === 'ObjectPattern' && isRequest(value)
  if (!takesApart && !isTainted(value, trail)) return
  const names =
    target.type === 'MemberExpression'
      ? [rootName(target)]
      : namesIn(target).filter((name) => !takesApart || requestParts.has(name) || !plainParts.has(name))
  for (const name of names) addName(name, functionAround(place), trail)
}

function addName(name: string | undefined, around: Node, trail: Trail): void {
  if (name !== undefined && trail.length < trailMax) trail.push({ name, start: around.start, end: around.end })
}

function forget(target: Node, trail: Trail): void {
  const name = textOf(target, 'name')
  for (let index = trail.length - 1; index >= 0; index -= 1) if (trail[index]?.name === name) trail.splice(index, 1)
}

function functionAround(place: Place): Node {
  let at: Place = place
  while (at.parent !== undefined && !/Function|Method/.test(at.node.type)) at = at.parent
  return at.node
}

/** Names that a pattern binds: the values of its properties, its elements, itself. */
function namesIn(pattern: Node): readonly string[] {
  const names: string[] = []
  const rest = [pattern]
  for (let node = rest.pop(), count = 0; node !== undefined && count < 200; node = rest.pop(), count += 1) {
    const name = node.type === 'Identifier' ? textOf(node, 'name') : undefined
    if (name !== undefined) names.push(name)
    const value =
      node.type === 'ObjectProperty'
        ? childOf(node, 'value')
        : node.type === 'AssignmentPattern'
          ? childOf(node, 'left')
          : undefined
    if (value !== undefined) rest.push(value)
    else if (/Pattern$|^RestElement$/.test(node.type)) rest.push(...childrenOf(node))
  }
  return names
}

/** Whether a value holds anything from outside that no check has ended. */
function isTainted(value: Node, trail: Trail): boolean {
  const rest = [value]
  for (let node = rest.pop(), count = 0; node !== undefined && count < valueNodesMax; node = rest.pop(), count += 1) {
    if (isSource(node) || isFollowed(node, trail)) return true
    if (/Function/.test(node.type) || node.type === 'UnaryExpression' || hasFixedHost(node)) continue
    if (node.type === 'BinaryExpression' && textOf(node, 'operator') !== '+') continue
    if (node.type === 'ConditionalExpression') rest.push(...pick(node, ['consequent', 'alternate']))
    else if (node.type === 'MemberExpression' || node.type === 'OptionalMemberExpression') {
      // What a key selects is ours; a length is a number.
      if (lastName(node) !== 'length') rest.push(...pick(node, ['object']))
    } else if (node.type === 'ObjectProperty') rest.push(...pick(node, ['value']))
    else if (/^(?:Optional)?CallExpression$/.test(node.type)) {
      if (!endsTrail(node)) rest.push(...pick(node, ['callee']), ...listOf(node, 'arguments'))
    } else rest.push(...childrenOf(node))
  }
  return false
}

/** An address whose beginning is ours up to a slash after the host: who is asked is not decided from outside. */
function hasFixedHost(node: Node): boolean {
  let at: Node | undefined = node
  while (at?.type === 'BinaryExpression') at = childOf(at, 'left')
  const raw = at?.type === 'TemplateLiteral' ? listOf(at, 'quasis')[0]?.['value'] : at?.['value']
  const head = typeof raw === 'object' && raw !== null && 'raw' in raw ? raw.raw : raw
  return typeof head === 'string' && /^https?:\/\/[\w.:-]+\//.test(head)
}

function isFollowed(node: Node, trail: Trail): boolean {
  if (node.type !== 'Identifier') return false
  const name = textOf(node, 'name')
  return trail.some((one) => one.name === name && one.start <= node.start && node.end <= one.end)
}

/** A member of a request that its sender decides, or of the address of a page. */
function isSource(node: Node): boolean {
  if (node.type !== 'MemberExpression' && node.type !== 'OptionalMemberExpression') return false
  const object = childOf(node, 'object')
  const owner = lastName(object) ?? ''
  const part = lastName(node)
  if (part === undefined) return false
  if (owner === 'req') return requestParts.has(part) || (object?.type === 'Identifier' && !plainParts.has(part))
  if (owner === 'request') return requestParts.has(part)
  if (owner === 'ctx' || owner === 'context') return part === 'query' || part === 'params'
  if (owner === 'event') return /^(?:queryStringParameters|pathParameters|multiValueQueryStringParameters)$/.test(part)
  if (owner === 'location') return /^(?:hash|search|href)$/.test(part)
  return owner === 'document' && /^(?:URL|documentURI|referrer)$/.test(part)
}

function isRequest(node: Node): boolean {
  return /^(?:req|request)$/.test(lastName(node) ?? '')
}

/** Calls whose answer its input no longer decides. */
function endsTrail(call: Node): boolean {
  const callee = childOf(call, 'callee')
  const name = lastName(callee) ?? ''
  if (/^replace(?:All)?$/.test(name)) return true
  if (/^(?:safe)?[pP]arse(?:Async)?$/.test(name))
    return !/^(?:JSON|qs|querystring|url|URL|yaml|Url)$/.test(lastName(childOf(callee, 'object')) ?? '')
  return /^(?:Number|Boolean|BigInt|parseInt|parseFloat|encodeURI(?:Component)?|basename|has|includes|test|startsWith|endsWith|indexOf|createHash|digest|hash\w*|verify\w*|isValid\w*)$|escape|saniti[sz]e|validate|purify|clean|quote|allow|strip|safe/i.test(
    name,
  )
}

function isSink(node: Node, trail: Trail): boolean {
  if (node.type === 'AssignmentExpression') return isAssignedSink(node, trail)
  if (node.type === 'ImportExpression') return pick(node, ['source']).some((source) => isTainted(source, trail))
  if (!/^(?:(?:Optional)?Call|New)Expression$/.test(node.type)) return false
  const callee = childOf(node, 'callee')
  const args = listOf(node, 'arguments')
  const name = lastName(callee)
  const key = callee?.['computed'] === true ? childOf(callee, 'property') : undefined
  if (key !== undefined && isTainted(key, trail)) return true
  if (name === undefined || args.length === 0) return false
  const owner = lastName(childOf(callee, 'object')) ?? ''
  const whole = args.slice(0, 4)
  if (name === 'addEventListener' || /Function/.test(args[0]?.type ?? '')) return false
  if (/^send[fF]ile$/.test(name) && args.length > 1 && /Object|Identifier/.test(args[1]?.type ?? '')) return false
  const dangerous = sinks.some(({ names, owners }) => names.test(name) && (owners === undefined || owners.test(owner)))
  if (dangerous && whole.some((argument) => isTainted(argument, trail))) return true
  if (firstOnly.some(({ names, owners }) => names.test(name) && (owners === undefined || owners.test(owner))))
    return args[0] !== undefined && !/\bwhere\b/.test(keysOf(args[0])) && isTainted(args[0], trail)
  if (headerCalls.test(name))
    return (
      /^(?:location|access-control-allow-origin|set-cookie|link|content-security-policy)$/i.test(
        joinedText(args[0]) ?? (isTainted(args[0] ?? node, trail) ? 'location' : ''),
      ) && whole.some((argument) => isTainted(argument, trail))
    )
  return false
}

/** Markup, addresses and keys that are assigned. */
function isAssignedSink(node: Node, trail: Trail): boolean {
  const [left, right] = [childOf(node, 'left'), childOf(node, 'right')]
  if (left === undefined || right === undefined) return false
  const name = lastName(left) ?? ''
  const key = left['computed'] === true ? childOf(left, 'property') : undefined
  if (key !== undefined && isTainted(key, trail)) return true
  const decides =
    /^(?:innerHTML|outerHTML|srcdoc|\$where)$/.test(name) ||
    (name === 'href' && lastName(childOf(left, 'object')) === 'location') ||
    (name === 'location' &&
      (left.type === 'Identifier' || /^(?:window|document|self|top|parent)$/.test(lastName(childOf(left, 'object')) ?? '')))
  return decides && isTainted(right, trail)
}

function keysOf(node: Node): string {
  return listOf(node, 'properties')
    .map((property) => textOf(childOf(property, 'key'), 'name') ?? '')
    .join(' ')
}

function rootName(node: Node): string | undefined {
  let at: Node | undefined = node
  while (at?.type === 'MemberExpression') at = childOf(at, 'object')
  return textOf(at, 'name')
}

function pick(node: Node, keys: readonly string[]): readonly Node[] {
  return keys.map((key) => childOf(node, key)).filter((child) => child !== undefined)
}

const outsideNames = /^(?:user_?(?:input|data|supplied\w*)|(?:untrusted|tainted)\w*)$/i
const requestParts = new Set([
  ...['query', 'params', 'param', 'body', 'headers', 'header', 'cookies', 'signedCookies', 'url', 'originalUrl', 'rawBody'],
  ...['files', 'file', 'hostname', 'host', 'searchParams', 'rawHeaders', 'fields'],
])
/** What a request has besides: set by the server, or methods. */
const plainParts = new Set([
  ...[
    'app',
    'method',
    'socket',
    'connection',
    'ip',
    'ips',
    'user',
    'session',
    'log',
    'res',
    'protocol',
    'secure',
    'next',
    'route',
  ],
  ...[
    'on',
    'once',
    'off',
    'emit',
    'pipe',
    'end',
    'write',
    'destroy',
    'abort',
    'setTimeout',
    'setHeader',
    'httpVersion',
    'id',
    'raw',
  ],
  ...[
    'logger',
    'logout',
    'login',
    'logOut',
    'logIn',
    'isAuthenticated',
    'flash',
    'signal',
    'aborted',
    'complete',
    'server',
    'auth',
  ],
  ...[
    'statusCode',
    'path',
    'baseUrl',
    'fresh',
    'stale',
    'xhr',
    'accepts',
    'is',
    'locals',
    'context',
    'bytesRead',
    'readable',
    't',
  ],
  ...[
    'removeListener',
    'resume',
    'pause',
    'read',
    'unpipe',
    'destroyed',
    'startTime',
    'cache',
    'cf',
    'clone',
    'formData',
    'constructor',
  ],
  ...[
    'opts',
    'options',
    'onError',
    'onComplete',
    'timeout',
    'addListener',
    'req',
    'length',
    'name',
    'type',
    'reject',
    'resolve',
    'state',
  ],
])

interface SinkForm {
  readonly names: RegExp
  /** What the method belongs to; absent: anything or nothing. */
  readonly owners?: RegExp
}
/** Calls in which any argument decides. */
const sinks: readonly SinkForm[] = [
  {
    names:
      /^(?:readFile|writeFile|appendFile|unlink|readdir|rmdir|mkdir|rm|open|rename|copyFile)(?:Sync)?$|^(?:create(?:Read|Write)Stream|sendFile|sendfile|download|extractAllTo)$/,
  },
  { names: /^(?:join|resolve|normalize)$/, owners: /^path$/ },
  { names: /^exec(?:Sync)?$/, owners: /^(?:|child_?process|cp|shell(?:js)?|proc|process|ssh|conn|client)$/i },
  {
    names:
      /^(?:spawn|fork|execFile)(?:Sync)?$|^(?:eval|Function|execa|execaCommand|runInContext|runInNewContext|runInThisContext|compileFunction|Script|compileScript|evaluate|evaluateJavaScript|addInitScript|evaluateOnNewDocument|runScript|injectJs)$/,
  },
  { names: /^(?:run|freeze|protect|runInVM|setGlobal)$/, owners: /vm|sandbox|VM/ },
  { names: /^(?:fetch|axios|got|goto|setContent|openUrl|navigate|needle|superagent|urllib|createRequest|curl)$/ },
  {
    names: /^(?:get|post|put|patch|delete|head|request|stream)$/,
    owners: /^(?:axios|got|request|https?|needle|superagent|undici|ky|urllib|unirest|client)$/,
  },
  { names: /^request$/, owners: /^$/ },
  { names: /^(?:redirect|location|writeHead|newContext|wkhtmltopdf|wkhtmltoimage|generate)$/ },
  { names: /^(?:send|write|end|html)$/, owners: /^(?:res|response|reply|document)$/ },
  { names: /^(?:writeln|insertAdjacentHTML|createContextualFragment|parseHTML|globalEval)$/ },
  { names: /^(?:html|append|prepend|after|before|replaceWith)$/, owners: /^\$|jQuery/ },
  { names: /^(?:unserialize|deserialize|parseXml(?:String)?|parseFromString|toJson|fromString|unpack|parseXML)$/ },
  { names: /^(?:load|loadAll|safeLoad)$/, owners: /^(?:yaml|YAML)$/ },
  { names: /^(?:parse|parseString|write)$/, owners: /xml|expat|sax|^parser$/i },
  { names: /^(?:RegExp|require|importScripts|assign|merge|defaultsDeep|extend)$/, owners: /^(?:|Object|_|lodash|\$)$/ },
  { names: /^(?:allocUnsafe|allocUnsafeSlow|Buffer|SlowBuffer|alloc)$/ },
  { names: /^open$/, owners: /^(?:window|page|webpage)$/ },
  { names: /^(?:replace|assign)$/, owners: /^location$/ },
  { names: /^(?:compile|renderString|compileTemplate|template|renderTemplate|render_string)$/ },
  { names: /^(?:property)$/, owners: /^(?:ph|page|phantom\w*)$/ },
]
/** Calls in which the first argument decides; what follows are values apart. */
const firstOnly: readonly SinkForm[] = [
  {
    names:
      /^(?:query|execute|raw|literal|whereRaw|orderByRaw|havingRaw|joinRaw|prepare|\$queryRawUnsafe|\$executeRawUnsafe|runQuery|exec)$/,
    owners: /^(?!.*(?:regex|pattern|re)$)/i,
  },
  {
    names:
      /^(?:find|findOne|findOneAnd\w+|updateOne|updateMany|deleteOne|deleteMany|countDocuments|aggregate|findAll|remove|where|\$where|mapReduce)$/,
  },
  { names: /^(?:render|setTimeout|setInterval|setImmediate)$/ },
]
const headerCalls = /^(?:set|header|setHeader|append)$/
