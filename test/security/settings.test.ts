import { describe, expect, it } from 'vitest'
import type { SecurityAudit } from '../../src/core/finding.js'
import { observe, patchOf } from './audit-sample.js'

const template =
  '# Where the shop listens\nPORT=3000\nexport HOST=localhost\n\nAPI_TOKEN=changeme\nNODE_OPTIONS=--max-old-space-size=512\n'

function observeNew(
  path: string,
  text: string,
  {
    texts = { '.env.example': template },
    before = null,
  }: { readonly texts?: Readonly<Record<string, string>>; readonly before?: string | null } = {},
): Promise<SecurityAudit> {
  return observe(patchOf([[path, before, text]]), { before: (name) => texts[name] })
}

describe('SCOPE-PROTECTED on new settings', () => {
  it.each([
    ['.env', 'PORT=3000\n', '.env.example'],
    ['.env', '# Where the shop listens\nPORT=3000\n\nexport HOST=localhost', '.env.sample'],
    ['.env', 'PORT=3000\r\n', '.env.template'],
    ['packages/shop/.env', 'PORT=3000\n', 'packages/shop/.env.dist'],
    ['.env.test', 'PORT=3000\n', '.env.test.example'],
  ])('only notes %s that repeats its template: %j', async (path, text, from) => {
    expect(await observeNew(path, text, { texts: { [from]: template } })).toMatchObject({
      verdict: 'allow',
      findings: [{ rule: 'SCOPE-PROTECTED', verdict: 'allow' }],
    })
  })

  it.each([
    ['another value', '.env', 'PORT=3001\n'],
    ['a line of its own', '.env', 'PORT=3000\nDEBUG=1\n'],
    ['a secret', '.env', 'PORT=3000\nAPI_TOKEN=changeme\n'],
    ['what changes which code runs', '.env', 'NODE_OPTIONS=--max-old-space-size=512\n'],
    ['a comment of its own', '.env', '# read me\nPORT=3000\n'],
    ['a template elsewhere', 'packages/shop/.env', 'PORT=3000\n'],
    ['another protected file', '.npmrc', 'PORT=3000\n'],
  ])('asks for a person for %s', async (_, path, text) => {
    const audit = await observeNew(path, text)
    expect(audit.verdict).toBe('review')
    expect(audit.findings.map(({ rule }) => rule)).toContain('SCOPE-PROTECTED')
  })

  it.each([
    ['a line of the template', 'HOST=b\n', 'HOST=b\nPORT=3000\n'],
    ['a line of the template behind one without an end', 'HOST=b', 'HOST=b\nPORT=3000\n'],
    ['the name that the template has, for one that it has not', 'PROT=8080\nHOST=b\n', 'PORT=8080\nHOST=b\n'],
  ])('only notes %s in settings that were there', async (_, before, text) => {
    const audit = await observe(patchOf([['.env', before, text]]), {
      before: (name) => ({ '.env': before, '.env.example': template })[name],
    })
    expect(audit).toMatchObject({ verdict: 'allow', findings: [{ rule: 'SCOPE-PROTECTED', verdict: 'allow' }] })
  })

  it.each([
    ['another value of a setting', 'PORT=1\n', 'PORT=3000\n'],
    ['a second line of a setting', 'PORT=1\n', 'PORT=1\nPORT=3000\n'],
    ['a setting that goes', 'HOST=b\nDEBUG=1\n', 'HOST=b\n'],
    ['a setting that goes for another', 'DEBUG=1\n', 'PORT=3000\nexport HOST=localhost\n'],
    ['another value under the right name', 'PROT=8080\n', 'PORT=9090\n'],
    ['a secret under the right name', 'API_TOKN=x\n', 'API_TOKEN=x\n'],
    ['a secret under a wrong name', 'API_TOKEN_2=3000\n', 'PORT=3000\n'],
    ['what changes which code runs', 'NODE_OPTION=--a\n', 'NODE_OPTIONS=--a\n'],
    ['a line of its own', 'HOST=b\n', 'HOST=b\nDEBUG=1\n'],
  ])('asks for a person for %s in settings that were there', async (_, before, text) => {
    const audit = await observe(patchOf([['.env', before, text]]), {
      before: (name) => ({ '.env': before, '.env.example': template })[name],
    })
    expect(audit.verdict).toBe('review')
  })

  it('asks for a person when settings change that were there, and when nobody can read the template', async () => {
    expect((await observeNew('.env', 'PORT=3000\n', { before: 'PORT=1\n' })).verdict).toBe('review')
    expect((await observe(patchOf([['.env', null, 'PORT=3000\n']]))).verdict).toBe('review')
  })

  it('asks for a person when a value is a secret under a plain name', async () => {
    const line = `PAYMENTS=${'sk_live_'}${'f8Kq2Lm9Zx4Rt7Vb1Nc6Wy3H'}\n`
    const audit = await observeNew('.env', line, { texts: { '.env.example': line } })
    expect(audit).toMatchObject({ verdict: 'review' })
    expect(audit.findings.map(({ rule }) => rule)).toContain('SEC-VENDOR')
  })
})
