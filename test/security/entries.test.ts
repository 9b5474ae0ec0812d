import { describe, expect, it } from 'vitest'
import type { SecurityAudit } from '../../src/core/finding.js'
import { observe, patchOf, rulesIn } from './audit-sample.js'

const project = ['package.json', 'index.js', 'lib', 'lib/index.js', 'lib/cli.js', 'node_modules', 'node_modules/evil/index.js']

function observeManifest(
  before: object,
  after: object,
  { files = project, more = [] }: { readonly files?: readonly string[]; readonly more?: Parameters<typeof patchOf>[0] } = {},
): Promise<SecurityAudit> {
  const text = (content: object): string => `${JSON.stringify({ name: 'shop', ...content }, null, 2)}\n`
  return observe(patchOf([['package.json', text(before), text(after)], ...more]), { exists: (path) => files.includes(path) })
}

describe('DEP-ENTRY', () => {
  it.each([
    ['main', { main: './lib/gone.js' }, { main: './lib/index.js' }],
    ['main without an extension', { main: 'gone' }, { main: 'lib' }],
    ['module', { module: 'gone.mjs' }, { module: 'index.js' }],
    ['browser', { browser: './gone.js' }, { browser: './index.js' }],
    ['bin', { bin: './bin/cli.js' }, { bin: './lib/cli.js' }],
    ['bin by name', { bin: { shop: 'cli.js' } }, { bin: { shop: 'lib/cli.js' } }],
    ['exports', { exports: './gone.js' }, { exports: './index.js' }],
    ['exports by path', { exports: { '.': './gone.js' } }, { exports: { '.': './index.js' } }],
    ['exports by condition', { exports: { '.': { import: './gone.js' } } }, { exports: { '.': { import: './index.js' } } }],
    [
      'exports that get one more',
      { exports: { '.': { import: './index.js' } } },
      { exports: { '.': { import: './index.js', require: './lib/index.js' } } },
    ],
    [
      'exports in another order',
      { exports: { '.': { a: './index.js', b: null } } },
      { exports: { '.': { b: null, a: './index.js' } } },
    ],
  ])('only notes that %s leads somewhere now', async (_, before, after) => {
    const audit = await observeManifest(before, after)
    expect(audit).toMatchObject({ verdict: 'allow', findings: [{ rule: 'DEP-ENTRY', verdict: 'allow' }] })
  })

  it.each([
    ['replaces what was there', { main: './index.js' }, { main: './lib/index.js' }],
    [
      'replaces one of two',
      { exports: { '.': { a: './index.js', b: './gone.js' } } },
      { exports: { '.': { a: './lib/cli.js', b: './lib/index.js' } } },
    ],
    ['leads nowhere still', { main: './gone.js' }, { main: './away.js' }],
    ['leads to a folder without an index', { main: './gone.js' }, { main: './node_modules' }],
    ['leads into packages', { main: './gone.js' }, { main: './node_modules/evil/index.js' }],
    ['leads outside', { main: './gone.js' }, { main: '../index.js' }],
    ['leads to a pattern', { exports: { './*': './gone/*.js' } }, { exports: { './*': './lib/*.js' } }],
    ['is emptied', { main: './gone.js' }, { main: '' }],
    [
      'waits for a build',
      { main: './dist/index.js', scripts: { build: 'tsc' } },
      { main: './index.js', scripts: { build: 'tsc' } },
    ],
  ])('asks for a person when an entry %s', async (_, before, after) => {
    expect(await observeManifest(before, after)).toMatchObject({ verdict: 'review', findings: [{ rule: 'DEP-ENTRY' }] })
  })

  it('asks for a person when the patch makes the file itself', async () => {
    const audit = await observeManifest(
      { main: './gone.js' },
      { main: './new.js' },
      {
        files: [...project, 'new.js'],
        more: [['new.js', null, 'export const a = 1\n']],
      },
    )
    expect(audit.verdict).toBe('review')
  })

  it('looks in the folder of the manifest', async () => {
    const edit = (target: string) => patchOf([['packages/a/package.json', '{"main":"gone.js"}\n', `{"main":"${target}"}\n`]])
    const exists = (path: string): boolean => ['packages/a/index.js', 'other.js'].includes(path)
    expect((await observe(edit('index.js'), { exists })).verdict).toBe('allow')
    expect((await observe(edit('other.js'), { exists })).verdict).toBe('review')
  })

  it('asks for a person where the files of the project are not known', async () => {
    const audit = await observe(patchOf([['package.json', '{"main":"gone.js"}\n', '{"main":"index.js"}\n']]))
    expect([audit.verdict, rulesIn(audit)]).toEqual(['review', ['DEP-ENTRY']])
  })

  it('takes a manifest that is hostile for what it is', async () => {
    const deep = `${'{"a":'.repeat(300)}"./index.js"${'}'.repeat(300)}`
    for (const value of [deep, '[1]', '{"__proto__":"./index.js\\u0000"}']) {
      const text = (inner: string): string => `{"exports":{".":${inner}}}\n`
      const audit = await observe(patchOf([['package.json', text('"./gone.js"'), text(value)]]), { exists: () => true })
      expect(audit.verdict).toBe('review')
    }
  })
})
