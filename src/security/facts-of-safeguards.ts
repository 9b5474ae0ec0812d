import type { See } from './fact.js'
import { isIdle } from './literals.js'
import { joinedText, lastName } from './script-names.js'
import { childOf, listOf, textOf, type Node, type Place } from './script-tree.js'

/** What a call protects: it validates, limits a schema, hears of errors, or hands on a middleware that does so. */
export function seeProtection({ node, parent }: Place, name: string, see: See): void {
  const callee = childOf(node, 'callee')
  const args = listOf(node, 'arguments')
  if (protecting.test(name) || (parent?.node.type === 'Decorator' && protectingDecorator.test(name))) see('protection', callee)
  if (routes.test(name))
    for (const argument of args)
      if (argument.type === 'Identifier' && protectingMiddleware.test(textOf(argument, 'name') ?? '')) see('protection', argument)
  if (constraining.test(name) && schemaRoots.has(rootName(callee) ?? '')) see('constraint', childOf(callee, 'property'))
  if (
    name === 'catch' ? args[0] !== undefined && !isIdle(args[0]) : /^(?:on|once)$/.test(name) && joinedText(args[0]) === 'error'
  )
    see('error-handler')
}

/** Options that protect, unless they are switched off. */
export function seeObject({ node }: Place, see: See): void {
  for (const property of listOf(node, 'properties')) {
    const key = childOf(property, 'key')
    const name = textOf(key, 'name') ?? textOf(key, 'value')
    if (key !== undefined && name !== undefined && protectingOptions.has(name) && !isOff(childOf(property, 'value')))
      see('safety-option', key)
  }
}

export function seeRegex(_: Place, see: See): void {
  see('regex')
}

const protecting =
  /^(?:validate|sanitize|sanitise|escape|verify|authori[sz]e|authenticate|require(?:Auth|Login|User|Role|Admin|Permission)|is(?:Authenticated|Authori[sz]ed|Allowed|Valid|Safe)|ensure|check(?:Auth|Permission|Access|Token|Csrf|Signature)|csrf|helmet|rateLimit|safeParse|timingSafeEqual|encodeURI|encodeHTML|purify|hasOwn)/i
const protectingDecorator =
  /^(?:Is[A-Z]\w*|Min|Max|MinLength|MaxLength|Length|Matches|UseGuards|UsePipes|Roles|Auth\w*|Validate\w*|Secured|Throttle)$/
const protectingMiddleware =
  /^(?:auth|require[A-Z]|ensure|verify|check[A-Z]|validate|csrf|protect|guard|is(?:Auth|Admin|Logged|Owner)|rateLimit|limiter|restrict|helmet|permit)/
const routes = /^(?:get|post|put|patch|delete|use|all|route|del|options|head)$/
const constraining =
  /^(?:min|max|length|email|url|uuid|regex|required|strict|strictObject|positive|nonnegative|int|integer|nonempty|matches|pattern|finite|oneOf|alphanum|refine|trim|ip|datetime)$/
const schemaRoots = new Set(['z', 'yup', 'Yup', 'joi', 'Joi', 'v', 'vine', 'Type'])
const protectingOptions = new Set([
  ...['algorithms', 'issuer', 'audience', 'httpOnly', 'secure', 'sameSite', 'rejectUnauthorized', 'checkServerIdentity'],
  ...['strict', 'preHandler', 'onRequest', 'preValidation', 'limits', 'fileSize', 'maxFileSize', 'bodyLimit'],
  ...[
    'maxDepth',
    'depthLimit',
    'parameterLimit',
    'authTagLength',
    'validateFormats',
    'csrf',
    'escape',
    'sanitize',
    'allowedHosts',
  ],
  ...[
    'maxRedirects',
    'maxContentLength',
    'maxBodyLength',
    'allowlist',
    'whitelist',
    'forbidNonWhitelisted',
    'disallowedTagsMode',
  ],
])

/** Options whose protection is that they are off count when they are. */
function isOff(value: Node | undefined): boolean {
  if (value === undefined) return false
  if (value.type === 'BooleanLiteral') return value['value'] !== true
  if (value.type === 'NumericLiteral') return value['value'] === 0
  return value.type === 'NullLiteral' || /^(?:undefined|Infinity)$/.test(textOf(value, 'name') ?? '')
}

/** The name that a chain of calls begins with. */
function rootName(callee: Node | undefined): string | undefined {
  let node = callee
  for (let depth = 0; node !== undefined && depth < 100; depth += 1) {
    if (node.type === 'Identifier') return lastName(node)
    node = childOf(node, node.type === 'CallExpression' ? 'callee' : 'object')
  }
  return undefined
}
