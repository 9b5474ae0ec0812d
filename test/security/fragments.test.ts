import { describe, expect, it } from 'vitest'
import { sideOf } from '../../src/security/side.js'
import { likelyVendorSecrets, vendorSecrets } from '../../src/security/vendor-secrets.js'
import { observeEdit, rulesIn } from './audit-sample.js'

/** Whether a piece from the middle of a file can be read by its syntax. */
const parses = (path: string, text: string): boolean =>
  sideOf(
    path,
    text.split('\n').map((line, index) => ({ number: index + 10, text: line, touched: true })),
    false,
  ).trees !== undefined

describe('sideOf() reads pieces of files that', () => {
  it.each([
    ['end inside the names of an import', "import { a } from 'a'\nimport {\n  b,\n  c,"],
    ['begin inside the names of an import', "  b,\n  c,\n} from 'b'\nrun(b, c)"],
    ['begin inside an argument', '  encoding,\n  limit,\n})\nrun()'],
    ['begin inside what is taken apart', '  encoding,\n  limit,\n} = options\nrun()'],
    ['begin inside parameters', '  encoding,\n  limit,\n}) => {\n  run(encoding)'],
    ['begin with an operator', '  && ready\nrun()'],
    ['end with an operator', 'const ready = loaded &&'],
    ['end inside a try', 'try {\n  run()'],
  ])('%s', (_, text) => {
    expect(parses('src/a.js', text)).toBe(true)
    expect(parses('src/a.ts', text)).toBe(true)
  })

  it('are no code at all, not', () => {
    expect(parses('src/a.js', 'this is no code at all')).toBe(false)
  })
})

describe('the audit of a script', () => {
  it('reads files in which a name is declared twice', async () => {
    const before = "const a = 1\nconst a = 2\napp.get('/', show)\n"
    const audit = await observeEdit(
      'src/a.js',
      before,
      `${before}app.get('/go', (req, res) => res.redirect(302, req.param('to')))\n`,
    )
    expect(rulesIn(audit)).toContain('INJ-TAINT')
  })

  it('does not take what a module compares with a decrement for a comment of HTML', async () => {
    const audit = await observeEdit('src/a.mjs', 'a()\n', "import 'b'\na()\nlet x = y <!--z, eval(code)\n")
    expect(rulesIn(audit)).toContain('CODE-EVAL')
  })
})

describe('likelyVendorSecrets()', () => {
  it('leaves out no form whose mark the text holds, also where marks overlap', () => {
    const text = vendorSecrets.map(({ mark }) => mark).join('')
    expect(likelyVendorSecrets(text)).toEqual(vendorSecrets)
    for (const { mark } of vendorSecrets) expect(likelyVendorSecrets(` ${mark} `).map((secret) => secret.mark)).toContain(mark)
    expect(likelyVendorSecrets('')).toEqual([])
  })
})
