import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Action } from '../../src/core/patch.js'
import { observe, observeEdit, patchOf } from './audit-sample.js'

const service = `import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'

const endpoint = \`https://api.example.org/\${version}\`

export async function load(user, path) {
  if (!user.isAdmin) throw new Error('not allowed')
  try {
    const text = await readFile(path, 'utf8')
    return JSON.parse(text)
  } catch (error) {
    report(error)
    return undefined
  }
}

export function run(args) {
  while (true) {
    if (args.length === 0) break
    execFile('git', args.splice(0, 2))
  }
  const pattern = /^[a-z]+(?:-[a-z]+)*$/
  fetch(endpoint, { headers: { Authorization: \`Bearer \${process.env.API_TOKEN}\` } })
  return pattern.test(args.join(' '))
}
`

/** Files as they come out of the damage that syntax repairers heal; the repair gives the whole file back. */
const damages: readonly (readonly [string, (text: string) => string])[] = [
  ['a missing closing brace', (text) => text.replace('    return undefined\n  }\n}', '    return undefined\n  }\n')],
  ['a missing parenthesis', (text) => text.replace("throw new Error('not allowed')", "throw new Error('not allowed'")],
  ['a missing comma', (text) => text.replace("readFile(path, 'utf8')", "readFile(path 'utf8')")],
  ['a missing quote', (text) => text.replace("from 'node:fs/promises'", "from 'node:fs/promises")],
  ['a missing backtick', (text) => text.replace('const endpoint = `', 'const endpoint = ')],
  ['a missing closing backtick', (text) => text.replace('${version}`', '${version}')],
  ['an extra bracket', (text) => text.replace('JSON.parse(text)', 'JSON.parse(text))')],
  ['a misspelt keyword', (text) => text.replace('export async function', 'export asnyc function')],
  ['a comment that is not closed', (text) => text.replace('export async', '/* loads\nexport async')],
  ['a truncated end', (text) => text.slice(0, -40)],
  [
    'conflict markers',
    (text) => text.replace('    report(error)\n', '<<<<<<< ours\n    report(error)\n=======\n    log(error)\n>>>>>>> theirs\n'),
  ],
  ['a slash that begins no regular expression', (text) => text.replace('= /^[a-z]', '= ^[a-z]')],
]

describe('RiskyEditObserver on repairs', () => {
  it.each(damages)('allows the repair of %s in a file full of capabilities', async (_, damage) => {
    expect(damage(service)).not.toBe(service)
    const audit = await observeEdit('src/service.js', damage(service), service)
    expect(audit.findings).toEqual([])
    expect(audit.verdict).toBe('allow')
  })

  it.each([
    [
      'a trailing comma',
      '{"name":"shop","dependencies":{"express":"^5.0.0",}}',
      '{"name":"shop","dependencies":{"express":"^5.0.0"}}',
    ],
    [
      'a missing comma',
      '{\n  "scripts": {\n    "postinstall": "node setup.js"\n    "test": "vitest"\n  }\n}\n',
      '{\n  "scripts": {\n    "postinstall": "node setup.js",\n    "test": "vitest"\n  }\n}\n',
    ],
    [
      'a missing quote',
      '{\n  "dependencies": {\n    "lodash: "^4.17.0",\n    "odd-name-9": "git+https://example.net/x.git"\n  }\n}\n',
      '{\n  "dependencies": {\n    "lodash": "^4.17.0",\n    "odd-name-9": "git+https://example.net/x.git"\n  }\n}\n',
    ],
    ['single quotes', "{'dependencies': {'lodash': '^4.17.0'}}\n", '{"dependencies": {"lodash": "^4.17.0"}}\n'],
    [
      'conflict markers',
      '{\n<<<<<<< a\n  "dependencies": { "zod": "^4.0.0" }\n=======\n  "dependencies": { "zod": "^4.1.0" }\n>>>>>>> b\n}\n',
      '{\n  "dependencies": { "zod": "^4.1.0" }\n}\n',
    ],
    ['a byte order mark', '\ufeff{"dependencies":{"zod":"^4.0.0"}}\n', '{"dependencies":{"zod":"^4.0.0"}}\n'],
  ])('allows the repair of %s in package.json', async (_, before, after) => {
    const audit = await observeEdit('package.json', before, after)
    expect(audit.findings).toEqual([])
  })

  it('allows a wrong relative import put right', async () => {
    const audit = await observeEdit(
      'src/a.ts',
      "import { total } from './crat.js'\ntotal()\n",
      "import { total } from './cart.js'\ntotal()\n",
    )
    expect(audit.verdict).toBe('allow')
  })

  it('allows an install of what the manifest names, with the lockfile that it writes', async () => {
    const install: Action = { kind: 'install', manager: 'npm', packages: [], folder: '' }
    const lock = (version: string): string =>
      JSON.stringify(
        {
          packages: {
            'node_modules/zod': {
              version,
              resolved: `https://registry.npmjs.org/zod/-/zod-${version}.tgz`,
              integrity: `sha512-${version}`,
            },
          },
        },
        null,
        2,
      )
    const audit = await observe(patchOf([['package-lock.json', lock('4.0.0'), lock('4.1.0')]], [install]))
    expect(audit.findings).toEqual([])
  })

  it('allows a script to be made executable by an action, and says so', async () => {
    const audit = await observe(patchOf([], [{ kind: 'chmod', path: 'bin/shop', modeBefore: 0o644, mode: 0o755 }]))
    expect(audit.verdict).toBe('allow')
    expect(audit.findings).toMatchObject([{ rule: 'STR-MODE', verdict: 'allow', severity: 'low' }])
  })

  it('allows the repair of one lost character of a real file', async () => {
    const require = createRequire(import.meta.url)
    const files = ['lru-cache', 'opossum', 'p-retry']
      .map((name) => readFileSync(require.resolve(name), 'utf8'))
      .filter((text) => text.length < 200_000)
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: files.length - 1 }),
        fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
        async (file, where) => {
          const text = files[file] ?? ''
          const brackets = Array.from(text.matchAll(/[()[\]{},;'"`]/g), (match) => match.index)
          const at = brackets[Math.floor(where * brackets.length)] ?? 0
          const audit = await observeEdit('src/lib.js', text.slice(0, at) + text.slice(at + 1), text)
          expect(audit.findings.filter((finding) => finding.verdict !== 'allow')).toEqual([])
        },
      ),
      { numRuns: 40, seed: 7 },
    )
  })
})
