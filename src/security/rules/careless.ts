import type { AuditedFile } from '../audited-file.js'
import { addedPatterns, eachFile, isCode, sightingsOf, type Rule } from '../rule.js'
import type { Side } from '../side.js'
import { matchesIn, newUses, type Use } from '../uses.js'

const shipped = (file: AuditedFile): boolean => isCode(file) && !file.test && !isShown(file.path)

/** Ways to use a library that its own manual warns of. */
export const carelessRules: readonly Rule[] = [
  {
    id: 'SEC-SIGNING-KEY',
    cwe: 798,
    tier: 'high',
    stage: 'static',
    title: 'A key that signs tokens or sessions stands in the source, or a token carries a password',
    rationale:
      'Whoever can read the source can then sign as the server. What a token carries is readable for everybody who holds it, because it is signed and not encrypted.',
    example: { path: 'src/login.js', before: 'a()\n', after: "a()\nconst token = jwt.sign({ id }, 'shop-key-one')\n" },
    nearMiss: { path: 'src/login.js', before: 'a()\n', after: 'a()\nconst token = jwt.sign({ id }, process.env.SIGNING_KEY)\n' },
    inspect: addedPatterns(
      [
        {
          in: 'plain',
          regex:
            /\b(?:sign|verify|signAsync|verifyAsync|jwtSign|jwtVerify)\s*\(\s*(?:\{[^{}]{0,300}\}|[\w$.]{1,100}|['"`][^'"`\n]{0,200}['"`])\s*,\s*(['"`])(?:(?!\1)[^\n]){3,200}\1/g,
        },
        {
          in: 'plain',
          regex:
            /\b(?:secret|secretOrKey|secretKey|secretOrPrivateKey|jwtSecret|jwt_secret|JWT_SECRET|cookieSecret|sessionSecret|signingKey|hmacKey)['"]?\s*[:=]\s*\[?\s*(['"`])(?:(?!\1)[^\n$]){3,200}\1/g,
          unless: (match) => /\$\{|process\.env|['"`](?:<[^>]*>|your[-_ ])/i.test(match[0]),
        },
        {
          in: 'plain',
          regex:
            /\b(?:JWT|jwt|jose|jsonwebtoken|jwtService|jsonwt)\.?\s*\.\s*(?:sign|encode)\s*\(\s*\{[^{}]{0,300}\b(?:password|passwd|secret|pin)\b/gi,
        },
        { in: 'plain', regex: /\bnew\s+SignJWT\s*\(\s*\{[^{}]{0,300}\b(?:password|passwd|secret)\b/gi },
      ],
      (file) => shipped(file) && file.after?.language === 'script',
    ),
  },
  {
    id: 'SEC-COMPARE',
    cwe: 798,
    tier: 'high',
    stage: 'static',
    title: 'A password or key is compared with a value in the source',
    rationale: 'The value is known to everybody who can read the source, and how long the comparison takes tells it to the rest.',
    example: { path: 'src/login.js', before: 'a()\n', after: "a()\nif (password === 'open-sesame') enter()\n" },
    nearMiss: {
      path: 'src/login.js',
      before: 'a()\n',
      after: "a()\nif (field.type === 'password') hide()\nif (password === '') ask()\n",
    },
    inspect: addedPatterns(
      [
        {
          in: 'plain',
          regex:
            /\b(?:\w{0,30}[pP]assword|passwd|passphrase|pwd|\w{0,30}[sS]ecret|api_?[kK]ey|auth_?[tT]oken|authKey|pin[cC]ode)\s*[!=]==?\s*(['"`])(?:(?!\1)[^\n]){3,100}\1/g,
          unless: (match) => /['"`](?:string|undefined|object|function|number|boolean|password|secret|\*+)['"`]$/.test(match[0]),
        },
        {
          in: 'plain',
          regex:
            /(['"`])(?:(?!\1)[^\n]){3,100}\1\s*[!=]==?\s*(?:req\.body\.|req\.query\.)?(?:password|passwd|secret|apiKey|api_key|authToken|auth_token)\b/g,
        },
      ],
      (file) => shipped(file) && file.after?.language === 'script',
    ),
  },
  {
    id: 'MSG-ORIGIN',
    cwe: 346,
    tier: 'high',
    stage: 'static',
    title: 'Messages between windows are taken from, or sent to, anybody',
    rationale: 'Every page can send messages to a window that it opened or that holds it; who sent one has to be asked.',
    example: {
      path: 'src/page.js',
      before: 'a()\n',
      after: "a()\nwindow.addEventListener('message', (event) => run(event.data))\n",
    },
    nearMiss: {
      path: 'src/page.js',
      before: 'a()\n',
      after: "a()\nwindow.addEventListener('message', (event) => { if (event.origin === home) run(event.data) })\n",
    },
    inspect: addedPatterns(
      [
        {
          in: 'plain',
          regex:
            /(?:(?<![\w$.])|\b(?:window|globalThis|self|top|parent)\s*\.\s*)addEventListener\s*\(\s*['"`]message['"`]\s*,|\bwindow\s*\.\s*onmessage\s*=(?!=)/g,
          unless: (match, side) => /\borigin\b|\bsource\b/.test(side.masked.plain.slice(match.index, match.index + 2_000)),
        },
        { in: 'plain', regex: /\bpostMessage\s*\([^;\n]{0,300},\s*['"`]\*['"`]/g },
      ],
      shipped,
    ),
  },
  {
    id: 'NET-CLEAR',
    cwe: 319,
    tier: 'high',
    stage: 'static',
    title: 'The patch speaks to another machine without encryption',
    rationale: 'Everybody on the way can read and change what is said.',
    example: {
      path: 'src/api.js',
      before: "fetch('https://a.example/')\n",
      after: "fetch('https://a.example/')\nfetch('http://b.example/users')\n",
    },
    nearMiss: {
      path: 'src/api.js',
      before: "fetch('https://a.example/')\n",
      after: "fetch('https://a.example/')\nfetch('http://localhost:3000/users')\n",
    },
    inspect: addedPatterns(
      [
        {
          in: 'plain',
          regex:
            /(?:(?<![\w$.])fetch|\baxios(?:\.\w{1,10})?|\bgot(?:\.\w{1,10})?|\brequest(?:\.\w{1,10})?|\bsuperagent\.\w{1,10}|\bhttps?\.(?:get|request)|\bneedle(?:\.\w{1,10})?)\s*\(\s*(?:\{[^{}\n]{0,80}\burl\s*:\s*)?['"`]http:\/\/(?!localhost|127\.|0\.0\.0\.0|\[|\$\{)/g,
        },
        { in: 'plain', regex: /\bnew\s+WebSocket\s*\(\s*['"`]ws:\/\/(?!localhost|127\.|\[|\$\{)/g },
        { in: 'code', regex: /\bcreateInsecure\s*\(\s*\)|\bServerCredentials\s*\.\s*createInsecure\b/g },
      ],
      shipped,
    ),
  },
  {
    id: 'INFO-LEAK',
    cwe: 209,
    tier: 'high',
    stage: 'static',
    title: 'Inner details or tokens go where others can read them',
    rationale:
      'The stack of an error tells how the program is built; a listing of a folder tells what it holds; what a page stores locally every script on it can read.',
    example: { path: 'src/app.js', before: 'a()\n', after: 'a()\nres.status(500).send(error.stack)\n' },
    nearMiss: { path: 'src/app.js', before: 'a()\n', after: "a()\nlog(error.stack)\nres.status(500).send('failed')\n" },
    inspect: addedPatterns(
      [
        {
          in: 'code',
          regex:
            /\b(?:res|response|reply|ctx)\b[^;\n]{0,80}\.\s*(?:send|end|write|json|html)\s*\([^;\n]{0,160}\b(?:e|er|err|error|ex|exception)\s*\.\s*stack\b|\bctx\s*\.\s*body\s*=\s*[^;\n]{0,80}\b(?:err|error)\s*\.\s*stack\b/g,
        },
        { in: 'code', regex: /\b(?:serveIndex|directoryListing|errorhandler)\s*\(|\bdirectory\s*\(\s*__dirname/g },
        { in: 'plain', regex: /\blocalStorage\s*\.\s*setItem\s*\([^;\n]{0,100}(?:token|jwt|password|secret)/gi },
      ],
      shipped,
    ),
  },
  {
    id: 'COOKIE-BARE',
    cwe: 614,
    tier: 'high',
    stage: 'static',
    title: 'A session is kept in a cookie without any protection',
    rationale: 'Without `secure` and `httpOnly` the cookie travels unencrypted and every script on the page can read it.',
    example: {
      path: 'src/app.js',
      before: 'a()\n',
      after: 'a()\napp.use(session({ secret: key, cookie: { maxAge: 60_000 } }))\n',
    },
    nearMiss: {
      path: 'src/app.js',
      before: 'a()\n',
      after: 'a()\napp.use(session({ secret: key, cookie: { secure: true, httpOnly: true } }))\n',
    },
    inspect: eachFile((file) => (shipped(file) ? sightingsOf(file, newUses(file, bareSessions)) : [])),
  },
]

/** Whether a file only shows how to use the project, or measures it. */
export function isShown(path: string): boolean {
  return /(?:^|\/)(?:examples?|samples?|demos?|bench(?:marks?)?|playgrounds?|docs?)\//i.test(path)
}

function bareSessions(side: Side): readonly Use[] {
  return matchesIn(side, [
    {
      in: 'code',
      regex: /(?<![\w$.])(?:session|cookieSession|expressSession)\s*\(\s*\{/g,
      unless: (match) => {
        const options = objectAt(side.masked.code, match.index)
        // Options that are put together elsewhere cannot be judged here.
        return (/\bsecure\b/.test(options) && /\bhttpOnly\b/.test(options)) || /\.\.\.|\bcookie\s{0,9}[,:]\s{0,9}\w/.test(options)
      },
    },
  ])
}

/** The text of the object that opens at or after `from`, to its closing brace, at most 1500 characters. */
function objectAt(code: string, from: number): string {
  let depth = 0
  const open = code.indexOf('{', from)
  for (let at = open; at < open + 1_500 && at < code.length; at += 1) {
    if (code[at] === '{') depth += 1
    else if (code[at] === '}' && --depth === 0) return code.slice(open, at)
  }
  return code.slice(open, open + 1_500)
}
