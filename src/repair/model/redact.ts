import { secretForms } from '../../core/secret-forms.js'

/** Stands for what must not leave the machine. An edit that holds it would write it over the secret, and is refused. */
export const redactedMark = '__HOMEOSTAT_REDACTED__'

/**
 * The text with secrets and e-mail addresses replaced by {@link redactedMark}; line breaks stay, so that lines keep their numbers.
 * It knows forms and names, not meanings: a secret that has neither is not found. Time is linear in the text.
 */
export function redact(text: string): string {
  return covered(redactSecrets(text), emailAddress)
}

/** {@link redact} for secrets alone. */
export function redactSecrets(text: string): string {
  const withoutTokens = secretForms.reduce((left, { mark, wide }) => (left.includes(mark) ? covered(left, wide) : left), text)
  return forms
    .reduce(covered, withoutTokens)
    .replace(namedSecret, (whole: string, name: string, _quote: string, value: string) =>
      isSecret(name, value) ? cover(whole, value) : whole,
    )
}

/** An address has a domain of letters; `name@1.2.3` and `icon@2x.png` have not. */
export const emailAddress = /(?<![\w.+-])[\w.+-]{1,64}@(?!\dx\.)(?:[\w-]{1,63}\.){1,6}[A-Za-z]{2,24}\b/g

/** Passwords in headers, settings and arguments. Every form is bounded, and cannot begin anew inside what it read in vain. */
const forms: readonly RegExp[] = [
  /\b(?:Bearer|Basic|Token) {1,4}([\w+/=.~-]{16,2000})/gi,
  /^[ \t]{0,8}(?:export )?[A-Z][A-Z0-9_]{0,60}(?<=PASS(?:WORD|WD|PHRASE)?|PWD|SECRET|TOKEN|KEY|CREDENTIALS?|AUTH)=(?!process\.|\$)([^\s"'`(){};,]{4,500})/gm,
  /\b_(?:auth|authToken|password)\s{0,4}=\s{0,4}([^\s"'`$]{4,500})/g,
  /(?<![\w-])--[\w-]{0,30}(?<=password|token|secret|api-?key)[= ]([^\s"'`$-][^\s"'`]{3,499})/gi,
]

/** `password: "…"`, `"apiKey": '…'`, `SECRET="…"`. */
const namedSecret =
  /(pass(?:word|wd|phrase)?|pwd|secret|token|credentials?|(?:api|access|auth|private|secret|signing|encryption|account)[_-]?key)['"]?\]?\s{0,4}(?::|=(?![=>]))\s{0,4}(["'`])((?:(?!\2)[^\n]){4,500})\2/gi

/** Tokens and keys are also words of grammars and maps (`token: 'comma'`); passwords may be any word. */
function isSecret(name: string, value: string): boolean {
  if (/^(?:process\.|\$\{?[\w.]{1,80}\}?$)/.test(value)) return false
  return !/^(?:token|.{1,20}key)$/i.test(name) || (/\d/.test(value) && value.length >= 8) || value.length >= 24
}

/** What is covered is the first group, or all of the match. */
function covered(text: string, form: RegExp): string {
  return text.replace(form, (whole: string, group: unknown) => cover(whole, typeof group === 'string' ? group : whole))
}

function cover(whole: string, secret: string): string {
  const at = whole.lastIndexOf(secret)
  return whole.slice(0, at) + secret.replace(/[^\r\n]+/g, redactedMark) + whole.slice(at + secret.length)
}
