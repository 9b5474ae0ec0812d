import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { redact, redactedMark } from '../../src/repair/model/redact.js'

// Put together from parts, so that no scanner takes this file for a leak.
const random = `f8Kq2Lm9${'Zx4Rt7Vb1Nc6Wy3Hd5'}`
const long = `${random}${random}${random}`
const key = (kind: string): string => ['-----BEGIN ', `${kind}PRIVATE KEY-----`].join('')

describe('redact()', () => {
  it.each([
    ['an AWS key', `id AKIA${'Q7XJ4KZ2'}${'MWN3PLR6'}`, `AKIA${'Q7XJ4KZ2'}${'MWN3PLR6'}`],
    ['a GitHub token', `use ghp_${long}`, `ghp_${long}`],
    ['an OpenAI key', `sk-proj-${long} is it`, `sk-proj-${long}`],
    ['an Anthropic key', `sk-ant-api03-${long}`, `sk-ant-api03-${long}`],
    ['an npm token', `//registry/:_authToken=npm_${long}`, `npm_${long}`],
    ['a Slack token', `xoxb-${random}`, `xoxb-${random}`],
    ['a Slack hook', `https://hooks.slack.com/services/T0/B0/${random}`, random],
    ['a Stripe key', `sk_live_${random}`, `sk_live_${random}`],
    ['a Google key', `AIza${random}a_b-c1234`, random],
    ['a JWT', `x eyJ${random}.eyJ${random}.${random}`, `eyJ${random}.eyJ${random}.${random}`],
    ['a password in an address', `postgres://app:${random}@db:5432/x`, random],
    ['a password that equals the user', 'redis://root:root@db', ':root@'],
    ['a bearer header', `authorization: Bearer ${random}`, random],
    ['a variable of the environment', `DB_PASSWORD=${random}`, random],
    ['an exported variable', `export STRIPE_SECRET_KEY=${random}`, random],
    ['an argument', `deploy --api-token=${random}`, random],
    ['a quoted password', "const options = { password: 'correct horse' }", 'correct horse'],
    ['a JSON secret', '{"clientSecret": "hunter2hunter"}', 'hunter2hunter'],
    ['a quoted key', `apiKey = "${random}"`, random],
    ['an e-mail address', 'by Jo <jo.smith+x@mail.example.org>', 'jo.smith+x@mail.example.org'],
  ])('covers %s', (_, text, secret) => {
    expect(text).toContain(secret)
    const covered = redact(text)
    expect(covered).not.toContain(secret)
    expect(covered).toContain(redactedMark)
  })

  it('covers a private key and keeps its lines', () => {
    for (const kind of ['', 'RSA ', 'OPENSSH ']) {
      const text = `a\n${key(kind)}\n${long}\n${long}\n-----END ${kind}PRIVATE KEY-----\nb\n`
      expect(redact(text)).toBe(`a\n${redactedMark}\n${redactedMark}\n${redactedMark}\n${redactedMark}\nb\n`)
    }
    expect(redact(`"${key('')}\\n${long}\\n" + 1`)).toBe(`"${redactedMark}" + 1`)
  })

  it.each([
    'const token = parser.next()',
    "{ token: 'comma', key: 'name' }",
    'const { apiKey } = process.env',
    'password: process.env.PASSWORD',
    "token: '${TOKEN}'",
    'if (token === "identifier") {}',
    'npm install lodash@4.17.21 and @scope/name@1.0.0-beta.1',
    'src="icon@2x.png"',
    'import { secret } from "./secret.js"',
    'TOKEN=$CI_TOKEN',
    'https://example.org:8080/a@b',
    'const sk = skip-this-one',
    '-----BEGIN PUBLIC KEY-----',
    '@param {string} password - The password',
  ])('leaves %s as it is', (text) => {
    expect(redact(text)).toBe(text)
  })

  it('keeps the number of lines', () => {
    const piece = fc.constantFrom(
      '\n',
      '\r\n',
      ' ',
      'password: "',
      '"',
      "'",
      random,
      'a@b.cd',
      key('RSA '),
      '-----END RSA PRIVATE KEY-----',
      'TOKEN=',
      'Bearer ',
      '://a:',
      '@',
      'eyJ',
      '.',
      '$&',
      redactedMark,
    )
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string()), { maxLength: 20 }), (pieces) => {
        const text = pieces.join('')
        expect(redact(text).split('\n')).toHaveLength(text.split('\n').length)
      }),
      { numRuns: 500 },
    )
  })

  it.each([
    'a',
    'a.',
    'a@',
    '-',
    'eyJ-',
    '-eyJ',
    'token="',
    `pwd='"\``,
    key('RSA '),
    'sk-',
    '://',
    'a://b:',
    'SG.',
    'Bearer ',
    'A',
    'A_KEY',
    ' --a-',
    '\n',
    'x@a.',
    '1',
    '--token',
  ])('stays quick on a megabyte of %j', (piece) => {
    const text = piece.repeat(Math.ceil(1e6 / piece.length))
    const startedMs = performance.now()
    redact(text)
    expect(performance.now() - startedMs).toBeLessThan(4_000)
  })
})
