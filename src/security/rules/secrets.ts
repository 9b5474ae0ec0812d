import type { AuditedFile } from '../audited-file.js'
import { eachFile, type Rule, type Sighting } from '../rule.js'
import type { Side } from '../side.js'
import { newUses, type Use } from '../uses.js'
import { likelyVendorSecrets } from '../vendor-secrets.js'

// Samples are put together from halves, so that no scanner takes this file for a leak.
const sampleKey = `AKIA${'Q7XJ4KZ2'}${'MWN3PLR6'}`
const sampleSecret = `f8Kq2Lm9${'Zx4Rt7Vb1Nc6Wy3Hd5'}`

export const secretRules: readonly Rule[] = [
  {
    id: 'SEC-VENDOR',
    cwe: 798,
    tier: 'high',
    stage: 'static',
    title: 'The added text holds a key or token of a known form',
    rationale:
      'What is committed is public sooner or later, and stays in the history. A repair never needs a real secret in the source.',
    example: { path: 'src/s3.js', before: 'a\n', after: `a\nconst id = '${sampleKey}'\n` },
    nearMiss: { path: 'src/s3.js', before: 'a\n', after: "a\nconst id = 'AKIAIOSFODNN7EXAMPLE'\n" },
    inspect: eachFile((file) => addedSecrets(file, likelyVendorSecrets, (secret) => isReal(secret) && entropyOf(secret) > 2.5)),
  },
  {
    id: 'SEC-KEYWORD-ENTROPY',
    cwe: 798,
    tier: 'high',
    stage: 'static',
    title: 'A name for a secret is given a value that looks like one',
    rationale:
      'Passwords, tokens and keys belong to the environment or a vault; the value here is too irregular to be a placeholder.',
    example: { path: 'src/db.js', before: 'a\n', after: `a\nconst apiKey = '${sampleSecret}'\n` },
    nearMiss: { path: 'src/db.js', before: 'a\n', after: "a\nconst apiKey = 'your-api-key-1'\n" },
    inspect: eachFile((file) =>
      file.test || isLockLike(file.path)
        ? []
        : addedSecrets(file, () => (file.after?.language === 'hash' ? [quotedSecret, bareSecret] : [quotedSecret]), isIrregular),
    ),
  },
  {
    id: 'SEC-DEFAULT-CRED',
    cwe: 798,
    tier: 'medium',
    stage: 'static',
    title: 'A secret from the environment gets a default in the source',
    rationale: 'Where the variable is missing, everyone knows the secret.',
    example: { path: 'src/auth.js', before: 'a\n', after: "a\nconst secret = process.env.JWT_SECRET ?? 'changeme'\n" },
    nearMiss: { path: 'src/auth.js', before: 'a\n', after: "a\nconst port = process.env.PORT ?? '3000'\n" },
    inspect: eachFile((file) =>
      file.test
        ? []
        : addedSecrets(
            file,
            () => [defaultSecret],
            (secret) => !/\$\{/.test(secret),
          ),
    ),
  },
]

const secretName = String.raw`(?:pass(?:word|wd|phrase)?|pwd|secret|token|api[_-]?key|access[_-]?key|auth[_-]?key|private[_-]?key|signing[_-]?key|encryption[_-]?key|client[_-]?secret|credential|bearer|jwt)`
const quotedSecret: Form = {
  form: new RegExp(
    String.raw`${secretName}[\w-]{0,30}['"]?\]?[ \t]{0,8}(?::[ \t]{0,8}string[ \t]{0,8})?(?::|={1,3}|=>|,|\()[ \t]{0,8}(?:b|f|r)?['"\x60]([\w+/=.~!@#$%^&*-]{8,200})['"\x60]`,
    'gi',
  ),
}
/** In settings values need no quotes. */
const bareSecret: Form = {
  form: new RegExp(String.raw`${secretName}[\w-]{0,30}[ \t]{0,8}[:=][ \t]{0,8}([\w+/=.~!@#%^&*-]{8,200})[ \t\r]{0,80}$`, 'gim'),
}
const defaultSecret: Form = {
  form: new RegExp(
    String.raw`env(?:\.|\[['"])\w{0,40}(?:PASS|SECRET|TOKEN|KEY|CREDENTIAL)\w{0,40}(?:['"]\])?[ \t]{0,8}(?:\?\?|\|\|)[ \t]{0,8}(['"\x60][^'"\x60\n]{1,200}['"\x60])`,
    'gi',
  ),
}

interface Form {
  readonly form: RegExp
}

/** @param forms - Those worth trying on a text. */
function addedSecrets(
  file: AuditedFile,
  forms: (text: string) => readonly Form[],
  counts: (secret: string) => boolean,
): readonly Sighting[] {
  const secretsIn = (side: Side): readonly Use[] =>
    forms(side.text)
      .flatMap(({ form }) =>
        Array.from(side.text.matchAll(form), (match) => ({
          key: match[1] ?? match[0],
          start: match.index,
          end: match.index + match[0].length,
        })),
      )
      .filter(({ key }) => counts(key))
  return newUses(file, secretsIn).map(({ key, start }) => ({
    path: file.path,
    line: file.after?.lineAt(start) ?? 1,
    evidence: redacted(key),
  }))
}

/** The beginning only: an audit must not spread what it found. */
function redacted(secret: string): string {
  return `${secret.slice(0, Math.min(6, secret.length >> 2))}… (${secret.length} characters)`
}

function isReal(secret: string): boolean {
  return !placeholder.test(secret)
}

/** Bits per character; English words have about 2.5, random text of 20 letters and digits about 4. */
const entropyMin = 3
const digitEntropyMin = 2.6

/** Whether a value is random rather than a word, a name or an expression: has digits, and no shape of code. */
function isIrregular(secret: string): boolean {
  if (!isReal(secret) || !/\d/.test(secret)) return false
  // Identifiers of sixteen digits and more are given out at random, too.
  if (!/[A-Za-z]/.test(secret)) return /^\d{16,20}$/.test(secret) && entropyOf(secret) > digitEntropyMin
  const isName =
    (/^[a-z]+(?:[-_.][a-z0-9]+)+$/i.test(secret) && !/(?=[a-z]{0,40}\d)(?=\d{0,40}[a-z])[a-z0-9]{18}/i.test(secret)) ||
    /^[A-Za-z]?[a-z]{2,}(?:[A-Z][a-z]{1,}){0,8}\d{0,3}$/.test(secret)
  const isExpression = /^(?:process|import|this|self|req|ctx|config|await|new)\b|^\W|[$*]{2}/.test(secret)
  return !isName && !isExpression && entropyOf(secret) > entropyMin
}

const placeholder =
  /example|sample|placeholder|changeme|change-me|your[-_]|dummy|fake|mock|xxxx|0000|1234567|abcdef|redacted|todo|test-?key|<[^>]*>|\$\{|:(?:password|pass|pwd|secret|postgres|root|user|guest|example|admin)@|@(?:localhost|127\.0\.0\.1|example|host|db|database|postgres|mysql|redis|mongo|server|proxy)(?![\w.-])|(.)\1{7}/i

/** Shannon's entropy in bits per character. */
function entropyOf(text: string): number {
  const counts = new Map<string, number>()
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1)
  let bits = 0
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length)
  return bits
}

function isLockLike(path: string): boolean {
  return /lock|integrity|\.snap$|\.svg$/i.test(path)
}
