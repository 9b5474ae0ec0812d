import type { AuditedFile, AuditedPatch } from '../audited-file.js'
import { isShown } from './careless.js'
import { addedPatterns, eachFile, isCode, sightingsOf, type Rule, type Sighting } from '../rule.js'
import { lostUses, matchesIn, newUses, type Pattern, type Use } from '../uses.js'

export const weakeningRules: readonly Rule[] = [
  {
    id: 'TLS-WEAK',
    cwe: 295,
    tier: 'high',
    stage: 'static',
    title: 'The patch stops checking who is at the other end, or stops encrypting',
    rationale:
      'Switching certificate checks off makes many connection faults disappear, and every connection readable and forgeable.',
    example: { path: 'src/api.js', before: 'a()\n', after: "a()\nprocess.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'\n" },
    nearMiss: {
      path: 'src/api.js',
      before: 'a()\n',
      after: 'a()\nconnect({ rejectUnauthorized: true }) // never rejectUnauthorized: false\n',
    },
    inspect: (patch) => [
      ...milderInTests(patch, [
        {
          in: 'code',
          regex:
            /\brejectUnauthorized\s*[:=]\s*(?:false|0|!1)|\b(?:strictSSL|strict_ssl|verify_ssl|sslVerify|verify)\s*[:=]\s*(?:false|False)\b|\b(?:dialectOptions|connection|pool|database)\s*:\s*\{[^{}]{0,300}\bssl\s*:\s*false\b|\bcheckServerIdentity\s*[:=]\s*(?:\([^()\n]{0,60}\)|\w{1,30})\s*=>\s*(?:undefined|null|true|void 0|\{\s*\})|\bcheckServerIdentity\s*\([^()\n]{0,60}\)\s*\{\s*\}|\bInsecureSkipVerify\s*:\s*true|\bssl\._create_unverified_context\b/g,
        },
        {
          in: 'values',
          regex:
            /\bNODE_TLS_REJECT_UNAUTHORIZED\b['"]?\]?\s*[:=]\s*['"]?0|\brejectUnauthorized['"]\s*:\s*false|\bstrict-ssl\s*[= ]\s*false|\bGIT_SSL_NO_VERIFY\b|\bhttp\.sslVerify\s*=?\s*false/g,
        },
        {
          in: 'plain',
          regex:
            /\b(?:minVersion|maxVersion|secureProtocol)\s*:\s*['"](?:TLSv1(?:\.[01])?|SSLv[23](?:_\w{1,20})?|TLSv1(?:_1)?_method)['"]/g,
        },
        {
          in: 'values',
          regex: /\bcurl\s+[^\n|;]{0,120}(?:--insecure\b|\s-k\s)|\bwget\s+[^\n|;]{0,120}--no-check-certificate\b/g,
        },
      ]),
      ...eachFile((file) => plainHttp(file))(patch),
    ],
  },
  {
    id: 'CRYPTO-WEAK',
    cwe: 327,
    tier: 'high',
    stage: 'static',
    title: 'The patch uses weak cryptography, or weaker than before',
    rationale:
      'Broken hashes, ciphers without chaining, small keys, few iterations, predictable randomness and comparisons that leak time protect nothing.',
    example: { path: 'src/hash.js', before: "createHash('sha256')\n", after: "createHash('md5')\n" },
    nearMiss: { path: 'src/hash.js', before: "createHash('sha256')\n", after: "createHash('sha512') // not md5\n" },
    inspect: (patch) => [
      ...addedPatterns([
        {
          in: 'plain',
          regex:
            /\bcreate(?:Hash|Hmac)\s*\(\s*['"`](?:md[245]|sha-?1|ripemd\w{0,4})['"`]|\bcreate(?:Cipher|Decipher)\s*\(|\bcreate(?:Cipher|Decipher)iv\s*\(\s*['"`](?:des|rc[24]|bf|blowfish|[\w-]{1,20}-ecb)|\bcreateCipheriv\s*\([^;\n]{0,160}Buffer\.alloc\s*\(|\bhashlib\.(?:md5|sha1)\s*\(|\bpseudoRandomBytes\s*\(|\bcreateDecipheriv\s*\(\s*['"`][\w-]{1,30}-gcm['"`]\s*,[^,()\n]{1,80},[^,(){}\n]{1,80}\)|\b(?:\w{0,30}token|\w{0,30}secret|\w{0,30}password|nonce|otp|session_?id|reset_?code)\s*=\s*[^;\n]{0,60}\bMath\s*\.\s*random\s*\(/gi,
        },
        {
          in: 'code',
          regex:
            /\bmodulusLength\s*:\s*(?:512|768|1024)\b|\bpbkdf2(?:Sync)?\s*\([^;\n]{0,160},\s*\d{1,4}\s*,|\b(?:saltRounds|salt_rounds|bcryptRounds)\s*[:=]\s*[1-9]\b|\biterations\s*[:=]\s*\d{1,4}\b/g,
        },
      ])(patch),
      ...eachFile((file) =>
        isCode(file) ? replaced(file, timingSafe, plainEqual, 'A comparison in constant time became an ordinary one') : [],
      )(patch),
      ...eachFile((file) =>
        isCode(file) ? replaced(file, strongRandom, weakRandom, 'Secure randomness became predictable randomness') : [],
      )(patch),
    ],
  },
  {
    id: 'AUTH-WEAK',
    cwe: 347,
    tier: 'high',
    stage: 'static',
    title: 'The patch lets in who was kept out',
    rationale: 'Unsigned or expired tokens, rights given by a literal and checks that always pass turn a login into decoration.',
    example: { path: 'src/auth.js', before: 'const user = jwt.verify(token, key)\n', after: 'const user = jwt.decode(token)\n' },
    nearMiss: {
      path: 'src/auth.js',
      before: 'const user = jwt.verify(token, key)\n',
      after: "const user = jwt.verify(token, key, { algorithms: ['RS256'] })\n",
    },
    inspect: (patch) => [
      ...addedPatterns(
        [
          {
            in: 'plain',
            regex:
              /\b(?:jwt|jsonwebtoken|JWT)\s*\.\s*decode\s*\([^,()\n]{1,80},[^,()\n]{1,80},\s*(?:true|['"]HS\d)|\balg(?:orithms?)?['"]?\s*:\s*\[?\s*['"]none['"]|\bignoreExpiration\s*:\s*true|\bverify_signature['"]?\s*:\s*False|\b(?:isAdmin|is_admin|isAuthenticated|isAuthorized|isLoggedIn|isSuperuser|authenticated|authorized)\s*[:=]\s*true\b|\brole\s*=\s*['"](?:admin|root|superuser)['"]/gi,
          },
          {
            in: 'code',
            regex:
              /\b\w{0,40}(?:auth|admin|permi|role|token|valid|verif|allow|session|password)\w{0,40}(?:\([^()\n]{0,80}\))?\s*\|\|\s*true\b/gi,
          },
        ],
        (file) => isCode(file) && !file.test,
      )(patch),
      ...eachFile((file) => (isCode(file) ? replaced(file, verifies, decodes, 'A signature is no longer verified') : []))(patch),
    ],
  },
  {
    id: 'HTTP-WEAK',
    cwe: 942,
    tier: 'high',
    stage: 'static',
    title: 'The patch opens a web application to other sites',
    rationale:
      'Any origin with credentials, cookies that scripts can read or that travel unencrypted, and protections switched off let other sites act for the user.',
    example: { path: 'src/app.js', before: 'a()\n', after: 'a()\nres.cookie(name, id, { httpOnly: false })\n' },
    nearMiss: { path: 'src/app.js', before: 'a()\n', after: 'a()\nres.cookie(name, id, { httpOnly: true, secure: true })\n' },
    inspect: addedPatterns(
      [
        {
          in: 'code',
          regex:
            /\b(?:httpOnly|httponly)\s*:\s*false|\b(?:xssProtection|xssFilter|nosniff|noSniff)\s*\(\s*false\s*\)|\bsecure\s*:\s*false|\b(?:csrf|csrfProtection|contentSecurityPolicy|hsts|frameguard|xssFilter|noSniff)\s*:\s*false|\borigin\s*:\s*true\b|\bcors\s*\(\s*\)|\b(?:xssProtection|nosniff|xframe|csp|dnsPrefetchControl|referrerPolicy|permittedCrossDomainPolicies)\s*:\s*false\b/g,
        },
        {
          in: 'plain',
          regex:
            /\borigin\s*:\s*['"]\*['"]|\bsameSite\s*:\s*['"]none['"]|\bsetHeader\s*\(\s*['"]Access-Control-Allow-Origin['"]\s*,\s*(?:['"]\*['"]|req\.)|\bheader\s*\(\s*['"]Access-Control-Allow-Origin['"]\s*,\s*(?:['"]\*['"]|req\.)|\.set\s*\(\s*['"]trust proxy['"]\s*,\s*true/gi,
        },
        { in: 'values', regex: /['"]?Access-Control-Allow-Origin['"]?\s*:\s*['"]\*['"]|'unsafe-(?:inline|eval)'/g },
      ],
      (file) => isCode(file) && !file.test && !isShown(file.path),
    ),
  },
]

const timingSafe: Pattern = { in: 'code', regex: /\btimingSafeEqual\s*\(/g }
const plainEqual: Pattern = { in: 'code', regex: /[\w)\]]\s*[!=]==?\s*[\w(]/g }
const strongRandom: Pattern = { in: 'code', regex: /\b(?:randomBytes|randomUUID|getRandomValues|randomInt)\s*\(/g }
const weakRandom: Pattern = { in: 'code', regex: /\bMath\s*\.\s*random\s*\(/g }
const verifies: Pattern = { in: 'code', regex: /\b(?:jwt|jsonwebtoken|jose|JWT)?\.?(?:verify|jwtVerify)\s*\(/g }
const decodes: Pattern = { in: 'code', regex: /(?:\.decode|\bdecodeJwt|\bjwtDecode|\bjwt_decode)\s*\(/g }

/** Tests talk to servers of their own, with certificates that nobody signed. */
function milderInTests(patch: AuditedPatch, patterns: readonly Pattern[]): readonly Sighting[] {
  const inTests = addedPatterns(patterns, (file) => isCode(file) && file.test)(patch)
  return [
    ...addedPatterns(patterns, (file) => !file.test)(patch),
    ...inTests.map((sighting): Sighting => ({ ...sighting, tier: 'medium' })),
  ]
}

/** The new uses of a weaker way in a file that lost uses of the stronger one. */
function replaced(file: AuditedFile, strong: Pattern, weak: Pattern, message: string): readonly Sighting[] {
  if (lostUses(file, (side) => matchesIn(side, [{ ...strong, key: 'strong' }])).length === 0) return []
  const added: readonly Use[] = newUses(file, (side) => matchesIn(side, [weak])).filter(
    (use) => file.after?.touches(use.start, use.end) === true,
  )
  return sightingsOf(file, added.slice(0, 1), file.after, { message })
}

/** `https://host` that became `http://host`. */
function plainHttp(file: AuditedFile): readonly Sighting[] {
  if (file.test || !isCode(file)) return []
  const encrypted = new Set(
    file.removed.flatMap(({ text }) => Array.from(text.matchAll(/\bhttps:\/\/([\w.-]{1,200})/g), (match) => match[1])),
  )
  return file.added.flatMap(({ line, text }) => {
    const match = Array.from(text.matchAll(/\bhttp:\/\/([\w.-]{1,200})/g)).find(([, host]) => encrypted.has(host))
    return match === undefined
      ? []
      : [{ path: file.path, line, evidence: text, message: 'An encrypted address became an unencrypted one' }]
  })
}
