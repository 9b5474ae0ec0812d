import { ambiguousRepetition } from '../ambiguous-regex.js'
import type { AuditedFile } from '../audited-file.js'
import { isShown } from './careless.js'
import { addedPatterns, eachFile, isCode, sightingsOf, type Rule, type Sighting } from '../rule.js'
import type { Side } from '../side.js'
import { bothFacts, lostUses, matchesIn, newFacts, newUses, type Use } from '../uses.js'

const outsideTests = (file: AuditedFile): boolean => isCode(file) && !file.test && !isShown(file.path)

export const injectionRules: readonly Rule[] = [
  {
    id: 'INJ-SQL',
    cwe: 89,
    tier: 'high',
    stage: 'static',
    title: 'The patch puts values into the text of a query',
    rationale:
      'A value that is part of the text can end the query and begin another. Parameters and tagged templates keep them apart.',
    example: {
      path: 'src/db.js',
      before: 'a()\n',
      after: 'a()\ndb.query("SELECT * FROM users WHERE name = \'" + name + "\'")\n',
    },
    nearMiss: {
      path: 'src/db.js',
      before: 'a()\n',
      after: "a()\ndb.query('SELECT * FROM users WHERE name = ?', [name])\nawait sql`SELECT * FROM users WHERE name = ${name}`\n",
    },
    inspect: addedPatterns(
      [
        {
          in: 'plain',
          regex:
            /(?<![\w$)])`\s*(?:SELECT\b[^`]{0,300}\bFROM|INSERT\s+INTO|UPDATE\s+[\w."]{1,80}\s+SET|DELETE\s+FROM)\b[^`]{0,400}\$\{/gi,
        },
        {
          in: 'plain',
          regex:
            /(['"])\s*(?:SELECT\b(?:(?!\1)[^\n]){0,300}\bFROM|INSERT\s+INTO|UPDATE\s+[\w.]{1,80}\s+SET|DELETE\s+FROM)\b(?:(?!\1)[^\n]){0,400}\1\s*(?:\+\s*(?!['"`])[\w(]|%\s*[\w(]|\.format\()/gi,
        },
        {
          in: 'plain',
          regex:
            /\bf(['"])\s*(?:SELECT\b(?:(?!\1)[^\n]){0,300}\bFROM|INSERT\s+INTO|UPDATE\s+\w{1,80}\s+SET|DELETE\s+FROM)\b(?:(?!\1)[^\n{]){0,400}\{/gi,
        },
        {
          in: 'plain',
          regex:
            /['"]?\$where['"]?\s*:\s*(?:`|['"][^'"\n]{0,200}['"]\s*\+|\w)|\.\$where\s*\(|\b(?:queryRawUnsafe|executeRawUnsafe)\s*\(/g,
        },
      ],
      outsideTests,
    ),
  },
  {
    id: 'INJ-XSS',
    cwe: 79,
    tier: 'high',
    stage: 'static',
    title: 'The patch writes a value into a page without escaping it',
    rationale: 'A value with markup in it becomes part of the page and runs with the rights of whoever reads it.',
    example: { path: 'src/view.js', before: 'a()\n', after: 'a()\nbox.innerHTML = comment.text\n' },
    nearMiss: { path: 'src/view.js', before: 'a()\n', after: "a()\nbox.innerHTML = ''\nbox.textContent = comment.text\n" },
    inspect: addedPatterns(
      [
        {
          in: 'plain',
          regex:
            /\.(?:innerHTML|outerHTML)\s*\+?=(?!=)\s*(?!\s|(['"])(?:(?!\1)[^\n\\]){0,500}\1\s*(?:;|\n|\}|$)|`[^`$]{0,1000}`\s*(?:;|\n|\}|$))|\.insertAdjacentHTML\s*\(\s*['"]\w{1,20}['"]\s*,\s*(?![\s'"])|\bdocument\s*\.\s*write(?:ln)?\s*\(\s*(?![\s'")])/g,
        },
        {
          in: 'code',
          regex:
            /\bdangerouslySetInnerHTML\b|\bv-html\s*=|\bbypassSecurityTrust\w{1,20}|\btrustAs(?:Html|ResourceUrl|Js|Css|Url)\s*\(|\bcreateNodesFromMarkup\s*\(|\bnoEscape\s*:\s*true|\bsupportHtml\s*:\s*true|\b(?:mustache|Mustache|handlebars|Handlebars|escaper?)\s*\.\s*escape\w{0,20}\s*=(?![=>])|\b(?:escape|autoescape|escapeHtml|escapeHTML)\s*[:=]\s*(?:false|False)\b|\bescapeMarkup\s*[:=]\s*false\b|\bcreateContextualFragment\s*\(/g,
        },
        {
          in: 'plain',
          regex: /\$\s*\([^()\n]{0,80}\)\s*\.\s*html\s*\(\s*(?![\s'"`)])/g,
        },
        {
          in: 'plain',
          regex:
            /\b(?:res|response|reply|ctx)\s*\.\s*(?:send|write|end|html)\s*\([^;\n]{0,200}\b(?:req|request)\s*\.\s*(?:query|params|body)\b/g,
        },
      ],
      outsideTests,
    ),
  },
  {
    id: 'INJ-TAINT',
    cwe: 22,
    tier: 'high',
    stage: 'static',
    title: 'The patch uses a value of a request as a path, an address, a command or a destination',
    rationale:
      'Whoever sends the request then chooses the file that is read, the server that is asked, or the program that runs.',
    example: { path: 'src/files.js', before: 'a()\n', after: 'a()\nres.sendFile(req.query.name)\n' },
    nearMiss: { path: 'src/files.js', before: 'a()\n', after: 'a()\nres.sendFile(pathOf(known.get(id)))\n' },
    inspect: eachFile((file) =>
      outsideTests(file)
        ? sightingsOf(
            file,
            newFacts(file, 'tainted-sink', [
              {
                in: 'plain',
                regex:
                  /\b(?:readFile|readFileSync|writeFile|writeFileSync|createReadStream|createWriteStream|sendFile|download|unlink|unlinkSync|redirect|fetch|axios(?:\.\w{1,10})?|got|exec|execSync|spawn|spawnSync|execFile|eval|Function|open|render)\s*\([^;\n]{0,200}\b(?:req|request|ctx\.request|ctx)\s*\.\s*(?:query|params?|body|headers|cookies|originalUrl)\b/g,
              },
            ]),
          )
        : [],
    ),
  },
  {
    id: 'DESERIALIZE',
    cwe: 502,
    tier: 'high',
    stage: 'static',
    title: 'The patch reads data in a way that can run code or reach other files',
    rationale: 'Formats that can hold functions, objects or external entities let the data decide what happens.',
    example: { path: 'src/load.js', before: 'a()\n', after: 'a()\nserialize.unserialize(text)\n' },
    nearMiss: { path: 'src/load.js', before: 'a()\n', after: 'a()\nJSON.parse(text)\n' },
    inspect: addedPatterns(
      [
        {
          in: 'code',
          regex:
            /\bunserialize\s*\(|\byaml\s*\.\s*unsafeLoad\s*\(|\bDEFAULT_FULL_SCHEMA\b|\b(?:noent|expandEntities|resolveExternalEntities|loadExternalDtd)\s*:\s*true|\bc?[pP]ickle\s*\.\s*loads?\s*\(|\bMarshal\s*\.\s*load\b|\byaml\s*\.\s*unsafe_load\s*\(/g,
        },
      ],
      outsideTests,
    ),
  },
  {
    id: 'PROTO-POLLUTE',
    cwe: 1321,
    tier: 'high',
    stage: 'static',
    title: 'The patch can change the prototype that all objects share, or drops the guard against that',
    rationale: 'A key `__proto__` in data then changes every object of the process.',
    example: { path: 'src/merge.js', before: 'a()\n', after: 'a()\ntarget.__proto__.admin = true\n' },
    nearMiss: { path: 'src/merge.js', before: 'a()\n', after: "a()\nif (key === '__proto__') continue\n" },
    inspect: eachFile((file) => {
      if (!outsideTests(file)) return []
      const writes = newFacts(file, 'prototype-write', [
        {
          in: 'code',
          regex:
            /\.__proto__\s*(?:\.\s*\w{1,60}\s*|\[[^\]\n]{0,80}\]\s*)?=(?!=)|\b(?:Object|Array|Function|String)\s*\.\s*prototype\s*\.\s*\w{1,60}\s*=(?!=)/g,
        },
      ])
      const more = newUses(file, (side) =>
        matchesIn(side, [
          { in: 'code', regex: /\bJSON\s*\.\s*(?:parse|stringify)\s*=(?!=)/g },
          { in: 'plain', regex: /\[\s*['"]__proto__['"]\s*\]\s*(?:\[[^\]\n]{0,80}\]\s*|\.\s*\w{1,60}\s*)?=(?!=)/g },
        ]),
      )
      return [
        ...sightingsOf(file, [...withoutOldCopies(file, writes), ...more]),
        ...sightingsOf(file, lostGuards(file), file.before, { message: 'A guard against `__proto__` is removed' }),
      ]
    }),
  },
  {
    id: 'REDOS',
    cwe: 1333,
    tier: 'high',
    stage: 'static',
    title: 'The patch adds a regular expression that can take exponential time',
    rationale:
      'A repeated group that can match one text in many ways tries them all when the rest does not fit: forty characters can stop a process for years.',
    example: { path: 'src/check.js', before: 'a()\n', after: 'a()\nconst ok = /^(\\w+\\s?)*$/.test(name)\n' },
    nearMiss: { path: 'src/check.js', before: 'a()\n', after: 'a()\nconst ok = /^(?:\\w+,)*\\w+$/.test(name)\n' },
    inspect: eachFile((file) => (outsideTests(file) ? sightingsOf(file, newUses(file, ambiguousRegexes)) : [])),
  },
  {
    id: 'LOOP',
    cwe: 835,
    tier: 'high',
    stage: 'static',
    title: 'The patch adds a loop without an end, or takes a limit away',
    rationale: 'A process that never yields answers nobody. A limit that becomes infinite no longer limits.',
    example: { path: 'src/wait.js', before: 'a()\n', after: 'a()\nwhile (true) poll()\n' },
    nearMiss: { path: 'src/wait.js', before: 'a()\n', after: 'a()\nwhile (true) {\n  if (poll()) break\n}\n' },
    inspect: eachFile((file) => {
      if (!outsideTests(file)) return []
      return [
        ...sightingsOf(
          file,
          newFacts(file, 'endless-loop', [
            { in: 'code', regex: /\b(?:for\s*\(\s*;\s*;\s*\)|while\s*\(\s*(?:true|1|True)\s*\))\s*(?:\{\s*\}|;)/g },
          ]),
        ),
        ...lostLimits(file),
      ]
    }),
  },
  {
    id: 'OBF',
    cwe: 506,
    tier: 'high',
    stage: 'static',
    indicator: true,
    title: 'The patch hides what its code does',
    rationale:
      'Escaped names, decoders, blobs and code far to the right of the screen have one purpose in a source that people maintain. Beside a new capability it blocks.',
    example: {
      path: 'src/a.js',
      before: 'a()\n',
      after: "a()\nconst _0x3fa2b1 = ['\\x63\\x68\\x69\\x6c\\x64\\x5f\\x70\\x72']\n",
    },
    nearMiss: { path: 'src/a.js', before: 'a()\n', after: "a()\nconst red = '\\x1b[31m'\nconst mask = 0x3fa2b1\n" },
    inspect: addedPatterns(
      [
        { in: 'values', regex: /(?:\\x[0-9a-fA-F]{2}){8,}|(?:\\u00[0-9a-fA-F]{2}){6,}/g },
        {
          in: 'code',
          regex:
            /\b_0x[0-9a-f]{4,8}\b|\bfromCharCode\s*\(\s*(?:(?:0x)?[0-9a-fA-F]{2,4}\s*,\s*){5,}|\bfromCharCode\s*\([^()\n]{0,80}\^|\bcharCodeAt\s*\([^()\n]{0,60}\)\s*\^/g,
        },
        {
          in: 'plain',
          regex:
            /(?<![\w$.])(?:eval|Function|exec|execSync|require|import|spawn)\s*\(\s*(?:atob|Buffer\.from|unescape|decodeURIComponent|String\.fromCharCode)\s*\(|\bfetch\s*\(\s*(?:atob|Buffer\.from)\s*\(/g,
        },
        { in: 'plain', regex: /[;{})][ \t]{150,2000}(?=\S)/g },
        {
          in: 'values',
          regex: /['"`][A-Za-z0-9+/]{400,}={0,2}['"`]|['"`](?:[0-9a-f]{2}){200,}['"`]/g,
          unless: (match, side) =>
            /\b(?:data:|integrity|font|image|icon|png|wasm)\b/i.test(side.lineTextAt(match.index).slice(0, 300)),
        },
      ],
      outsideTests,
    ),
  },
]

function ambiguousRegexes(side: Side): readonly Use[] {
  const uses: Use[] = []
  for (const { start, end } of side.masked.regexes) {
    const source = side.text.slice(start, end)
    if (source.length < 2_000 && ambiguousRepetition(source)) uses.push({ key: source, start, end })
  }
  for (const match of side.masked.plain.matchAll(/\bRegExp\s*\(\s*(['"`])((?:(?!\1)[^\n\\]|\\[^\n]){1,1000})\1/g)) {
    const source = (match[2] ?? '').replace(/\\\\/g, '\\')
    if (ambiguousRepetition(source)) uses.push({ key: source, start: match.index, end: match.index + match[0].length })
  }
  return uses
}

/** A function that copied keys before, and changes elsewhere in its body, is none the worse for it. */
function withoutOldCopies(file: AuditedFile, writes: readonly Use[]): readonly Use[] {
  const headOf = ({ key }: Use): string => key.split('{', 1)[0] ?? key
  const old = new Set(
    bothFacts(file)
      ?.before.filter(({ kind }) => kind === 'prototype-write')
      .map(headOf),
  )
  return writes.filter((use) => !use.key.includes('{') || !old.has(headOf(use)))
}

function lostGuards(file: AuditedFile): readonly Use[] {
  const find = (side: Side): readonly Use[] =>
    matchesIn(side, [
      { in: 'plain', regex: /\b(?:if|&&|\|\||includes|has|Set|return)\b[^\n]{0,120}__proto__/g, key: '__proto__' },
    ])
  const mentions = (side: Side | undefined): number => (side === undefined ? 0 : side.masked.plain.split('__proto__').length)
  return mentions(file.after) < mentions(file.before) ? lostUses(file, find).slice(0, 1) : []
}

/** Limits with a number before and none after. */
function lostLimits(file: AuditedFile): readonly Sighting[] {
  const limit = /\b(\w{0,40}(?:timeout|limit|max|retries|attempts|depth|deadline)\w{0,40})['"]?\s{0,4}[:=]\s{0,4}/gi
  const before = new Set<string>()
  for (const { text } of file.removed)
    for (const match of text.slice(0, 2_000).matchAll(limit))
      if (/^[1-9]/.test(text.slice(match.index + match[0].length))) before.add(match[1] ?? '')
  return file.added.flatMap(({ line, text }) => {
    const lost = Array.from(text.slice(0, 2_000).matchAll(limit)).some(
      (match) =>
        before.has(match[1] ?? '') &&
        /^(?:Infinity|Number\.(?:POSITIVE_INFINITY|MAX_\w+)|0\b(?![.\w])|undefined|null|-1)/.test(
          text.slice(match.index + match[0].length),
        ),
    )
    return lost ? [{ path: file.path, line, evidence: text, message: 'A limit no longer limits' }] : []
  })
}
