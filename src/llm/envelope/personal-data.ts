import { emailAddress } from '../../repair/model/redact.js'

/** Kinds of personal data that can be told by their form. */
export const personalKinds = ['email', 'iban', 'card', 'ip', 'phone'] as const
export type PersonalKind = (typeof personalKinds)[number]

/**
 * The text with every piece of personal data of one kind replaced. Forms alone are not believed: an account number must have its
 * checksum, a card its network and checksum, an address of the Internet must be one. Names of people have no form, and stay.
 */
export function replacePersonal(text: string, kind: PersonalKind, replace: (value: string) => string): string {
  const { form, keep } = forms[kind]
  return text.replace(form, (whole: string) => {
    const kept = keep(whole)
    return kept === 0 ? whole : replace(whole.slice(0, kept)) + whole.slice(kept)
  })
}

interface PersonalForm {
  readonly form: RegExp
  /** How many of its characters are personal data, from the first one on; 0: it only looks like it. */
  readonly keep: (match: string) => number
}

const forms: Readonly<Record<PersonalKind, PersonalForm>> = {
  email: { form: emailAddress, keep: (match) => match.length },
  // ISO 13616: country, two check digits, up to 30 letters and digits; on paper in groups of four.
  iban: { form: /(?<![\w-])[A-Z]{2}\d{2}(?:[A-Z0-9]{11,30}|(?: [A-Z0-9]{4}){2,7}(?: [A-Z0-9]{1,3})?)(?!\w)/g, keep: ibanLength },
  // ISO/IEC 7812: 13 to 19 digits that begin with the digits of a network of cards.
  card: { form: /(?<![\w.+-])[2-6]\d{3}(?:[ -]?\d){9,15}(?![\w-]|\.\d)/g, keep: whole(isCard) },
  // Version 4, maybe with a port behind it or with version 6 before it (`::ffff:203.0.113.7`), and version 6.
  ip: {
    form: /(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?!\w|\.\d)|(?<![\w.:])[\da-fA-F]{0,4}(?::[\da-fA-F]{0,4}){2,8}(?![\w:]|\.\d)/g,
    keep: whole(isIp),
  },
  // E.164 with its plus sign, or a national number that begins with 0 or has the groups of North America.
  phone: {
    form: /(?<![\w.+/-])(?:\+[1-9](?:[ ./-]?\(?\d\)?){6,14}|0[1-9]\d{1,4}[ /-]\d{2,4}(?:[ /-]?\d{2,4}){1,3}|\(?[2-9]\d{2}\)?[ .-][2-9]\d{2}[ .-]\d{4})(?!\w|[.-]\w)/g,
    keep: whole(isPhone),
  },
}

function whole(is: (match: string) => boolean): (match: string) => number {
  return (match) => (is(match) ? match.length : 0)
}

/** Words in capitals may follow the last group: groups are given up until the checksum fits. */
function ibanLength(match: string): number {
  for (let length = match.length; length >= 15; length = match.lastIndexOf(' ', length - 1))
    if (hasIbanChecksum(match.slice(0, length).replaceAll(' ', ''))) return length
  return 0
}

/** ISO 7064 MOD 97-10: letters are the numbers 10 to 35, the first four characters go to the end, and the remainder is 1. */
function hasIbanChecksum(iban: string): boolean {
  if (iban.length < 15 || iban.length > 34) return false
  let remainder = 0
  for (const character of iban.slice(4) + iban.slice(0, 4)) {
    const value = Number.parseInt(character, 36)
    remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97
  }
  return remainder === 1
}

function isCard(match: string): boolean {
  const digits = match.replace(/\D/g, '')
  return /^(?:4|5[1-5]|5[06-8]|6|3[4-9]|2[2-7])/.test(digits) && !/^(\d)\1*$/.test(digits) && hasLuhnChecksum(digits)
}

/** ISO/IEC 7812-1 annex B: from the right, every second digit doubled, and the sum of all digits ends in 0. */
function hasLuhnChecksum(digits: string): boolean {
  let sum = 0
  for (let place = 0; place < digits.length; place += 1) {
    const digit = Number(digits[digits.length - 1 - place])
    const value = place % 2 === 1 ? digit * 2 : digit
    sum += value > 9 ? value - 9 : value
  }
  return sum % 10 === 0
}

/** An address that says where somebody is: not this machine's own, not "any", and not a mask. */
function isIp(match: string): boolean {
  if (match.includes(':')) return isIpV6(match)
  if (/^(?:0|127|255)\./.test(match)) return false
  return match.split('.').every((part) => Number(part) <= 255 && (part === '0' || !part.startsWith('0')))
}

/** RFC 4291: eight groups, or fewer with one `::`. Without a digit it is more likely a name of a program: `fab::bed`. */
function isIpV6(match: string): boolean {
  if (!/\d/.test(match) || match === '::1' || match.includes(':::')) return false
  const gaps = match.split('::').length - 1
  const groups = match.split(':').filter((group) => group !== '').length
  if (/^:[^:]|[^:]:$/.test(match)) return false
  return gaps === 0 ? groups === 8 : gaps === 1 && groups >= 2 && groups <= 7
}

/** E.164 allows 15 digits; fewer than 9 are too common in code. */
function isPhone(match: string): boolean {
  const count = match.replace(/\D/g, '').length
  return count >= 9 && count <= 15
}
