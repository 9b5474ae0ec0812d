/** Stands for what must not leave the machine. An edit that holds it would write it over the secret, and is refused. */
export const redactedMark = '__HOMEOSTAT_REDACTED__'

/**
 * The text with secrets and e-mail addresses replaced by {@link redactedMark}; line breaks stay, so that lines keep their numbers.
 * It knows forms and names, not meanings: a secret that has neither is not found. Time is linear in the text.
 */
export function redact(text: string): string {
  const covered = forms.reduce(
    (result, form) =>
      result.replace(form, (whole: string, group: unknown) => cover(whole, typeof group === 'string' ? group : whole)),
    text,
  )
  return covered.replace(namedSecret, (whole: string, name: string, _quote: string, value: string) =>
    isSecret(name, value) ? cover(whole, value) : whole,
  )
}

/** What is covered is the first group, or all of the match. Every form is bounded, and cannot begin anew inside what it read in vain. */
const forms: readonly RegExp[] = [
  // A key in PEM to its end, or as far as a key can go when the end is missing.
  /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]{0,20}-----(?:[\w+/=\s\\:,.-]{0,16384}?-----END [A-Z0-9 ]{0,60}-----|[\w+/=\s\\:,.-]{0,16384})/g,
  // Tokens that say whose they are, from the vendors' public documentation.
  /\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b/g,
  /\b(?:gh[pousr]_|github_pat_|glpat-|npm_|pypi-|hf_|dop_v1_|lin_api_|shp(?:at|ca|pa|ss)_|hv[sb]\.|ya29\.|GOCSPX-|AGE-SECRET-KEY-1|dapi)[\w-]{20,255}/g,
  /\b(?:xox[abeoprs]-[\w-]{10,255}|[sr]k_(?:live|test)_[A-Za-z0-9]{16,255}|whsec_[\w+/=]{20,120}|sk-[\w-]{20,255}|AIza[\w-]{30,40}|SG\.[\w-]{16,32}\.[\w-]{16,64}|\d{8,10}:AA[\w-]{33})/g,
  /(?<![\w-])eyJ[\w-]{10,2000}\.[\w-]{10,4000}\.[\w-]{10,1000}/g,
  /\bhttps:\/\/(?:hooks\.slack\.com|(?:\w{1,20}\.)?discord(?:app)?\.com\/api\/webhooks)\/([\w/-]{20,200})/g,
  // Passwords in addresses, headers, settings and arguments.
  /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:/@'"`<>]{0,80}:([^\s/@'"`<>]{1,200})@/gi,
  /\b(?:Bearer|Basic|Token) {1,4}([\w+/=.~-]{16,2000})/gi,
  /^[ \t]{0,8}(?:export )?[A-Z][A-Z0-9_]{0,60}(?<=PASS(?:WORD|WD|PHRASE)?|PWD|SECRET|TOKEN|KEY|CREDENTIALS?|AUTH)=(?!process\.|\$)([^\s"'`(){};,]{4,500})/gm,
  /\b_(?:auth|authToken|password)\s{0,4}=\s{0,4}([^\s"'`$]{4,500})/g,
  /(?<![\w-])--[\w-]{0,30}(?<=password|token|secret|api-?key)[= ]([^\s"'`$-][^\s"'`]{3,499})/gi,
  // An address has a domain of letters; `name@1.2.3` and `icon@2x.png` have not.
  /(?<![\w.+-])[\w.+-]{1,64}@(?!\dx\.)(?:[\w-]{1,63}\.){1,6}[A-Za-z]{2,24}\b/g,
]

/** `password: "…"`, `"apiKey": '…'`, `SECRET="…"`. */
const namedSecret =
  /(pass(?:word|wd|phrase)?|pwd|secret|token|credentials?|(?:api|access|auth|private|secret|signing|encryption|account)[_-]?key)['"]?\]?\s{0,4}(?::|=(?![=>]))\s{0,4}(["'`])((?:(?!\2)[^\n]){4,500})\2/gi

/** Tokens and keys are also words of grammars and maps (`token: 'comma'`); passwords may be any word. */
function isSecret(name: string, value: string): boolean {
  if (/^(?:process\.|\$\{?[\w.]{1,80}\}?$)/.test(value)) return false
  return !/^(?:token|.{1,20}key)$/i.test(name) || (/\d/.test(value) && value.length >= 8) || value.length >= 24
}

function cover(whole: string, secret: string): string {
  const at = whole.lastIndexOf(secret)
  return whole.slice(0, at) + secret.replace(/[^\r\n]+/g, redactedMark) + whole.slice(at + secret.length)
}
