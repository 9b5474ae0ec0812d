import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { personalKinds, replacePersonal, type PersonalKind } from '../../../src/llm/envelope/personal-data.js'

const covered = (text: string): string =>
  personalKinds.reduce((left, kind) => replacePersonal(left, kind, () => `<${kind}>`), text)

/** With the digit that makes the Luhn sum right. */
function withLuhn(digits: string): string {
  for (const last of '0123456789') {
    const number = digits + last
    const sum = number
      .split('')
      .reverse()
      .reduce((total, digit, place) => {
        const value = Number(digit) * (place % 2 === 1 ? 2 : 1)
        return total + Math.floor(value / 10) + (value % 10)
      }, 0)
    if (sum % 10 === 0) return number
  }
  throw new Error('one digit always fits')
}

/** With the check digits that make it an IBAN: 98 less the remainder of the rest. */
function withIbanCheck(country: string, account: string): string {
  const digits = `${account}${country}00`
    .split('')
    .map((character) => Number.parseInt(character, 36).toString())
    .join('')
  return `${country}${String(98n - (BigInt(digits) % 97n)).padStart(2, '0')}${account}`
}

describe('replacePersonal()', () => {
  it.each<[string, PersonalKind, string]>([
    ['write to jo.smith+x@mail.example.org now', 'email', 'write to <email> now'],
    ['IBAN DE89370400440532013000.', 'iban', 'IBAN <iban>.'],
    ['GB29 NWBK 6016 1331 9268 19 AND MORE', 'iban', '<iban> AND MORE'],
    ['AT61 1904 3002 3457 3201 OK', 'iban', '<iban> OK'],
    ['card: 4111 1111 1111 1111', 'card', 'card: <card>'],
    ['5500-0000-0000-0004,', 'card', '<card>,'],
    ['{"pan":"378282246310005"}', 'card', '{"pan":"<card>"}'],
    ['from 203.0.113.7:443', 'ip', 'from <ip>:443'],
    ['host:203.0.113.7', 'ip', 'host:<ip>'],
    ['::ffff:203.0.113.7', 'ip', '::ffff:<ip>'],
    ['[2001:db8::8a2e:370:7334]:80', 'ip', '[<ip>]:80'],
    ['2001:0db8:0000:0000:0000:8a2e:0370:7334', 'ip', '<ip>'],
    ['fe80::1 is up', 'ip', '<ip> is up'],
    ['tel:+49 30 123456-78', 'phone', 'tel:<phone>'],
    ['+1 (415) 555-2671', 'phone', '<phone>'],
    ['(415) 555-2671', 'phone', '<phone>'],
    ['415-555-2671', 'phone', '<phone>'],
    ['0171 234 5678', 'phone', '<phone>'],
  ])('finds it in %j', (text, kind, result) => {
    expect(replacePersonal(text, kind, () => `<${kind}>`)).toBe(result)
    expect(covered(text)).toBe(result)
  })

  it.each([
    'npm install lodash@4.17.21 and @scope/name@1.0.0-beta.1',
    'src="icon@2x.png"',
    'DE00370400440532013000', // wrong check digits
    'CONSTANT12 OTHER',
    '4111 1111 1111 1112', // wrong sum
    '4444444444444444', // one digit only
    '1700000000000', // a time
    'a4111111111111111',
    '127.0.0.1 0.0.0.0 ::1 255.255.255.0',
    '999.1.2.3 and 1.2.3 and 1.2.3.4.5 and 01.2.3.4',
    'std::vector a::b fab::bed',
    '12:34:56 and 00:11:22:33:44:55',
    ':1::2:3: and 1:::2',
    '1::2::3',
    '2024-01-02T03:04:05.678Z',
    '550e8400-e29b-41d4-a716-446655440000',
    '0.123456789012',
    'x = 1234567890 + 12345678',
    'const port = 8080',
    'sha512-415-555-26712',
    '@@ -1200,10 +1200,12 @@',
  ])('leaves %j as it is', (text) => {
    expect(covered(text)).toBe(text)
  })

  it('knows every card by its sum, grouped or not', () => {
    const rest = fc.stringMatching(/^\d{14}$/)
    fc.assert(
      fc.property(fc.constantFrom('4', '51', '6', '34', '22'), rest, fc.constantFrom('', ' ', '-'), (network, digits, gap) => {
        const card = withLuhn(`${network}${digits}`.slice(0, 15))
        const grouped = card.replace(/(\d{4})(?=\d)/g, `$1${gap}`)
        expect(replacePersonal(`a ${grouped} b`, 'card', () => 'X')).toBe('a X b')
        const wrong = `${card.slice(0, -1)}${(Number(card.at(-1)) + 1) % 10}`
        expect(replacePersonal(wrong, 'card', () => 'X')).toBe(wrong)
      }),
      { numRuns: 200 },
    )
  })

  it('knows every IBAN by its check digits, in groups or not', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Z]{2}$/), fc.stringMatching(/^[A-Z0-9]{12,26}$/), (country, account) => {
        const iban = withIbanCheck(country, account)
        expect(replacePersonal(`(${iban})`, 'iban', () => 'X')).toBe('(X)')
        expect(replacePersonal(`(${iban.replace(/(.{4})(?=.)/g, '$1 ')})`, 'iban', () => 'X')).toBe('(X)')
      }),
      { numRuns: 200 },
    )
  })
})
