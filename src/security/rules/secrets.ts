import type { AuditedFile } from '../audited-file.js'
import { eachFile, type Rule, type Sighting } from '../rule.js'
import type { Side } from '../side.js'
import { newUses, type Use } from '../uses.js'

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
    inspect: eachFile((file) => addedSecrets(file, vendorForms, isReal)),
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
        : addedSecrets(file, file.after?.language === 'hash' ? [quotedSecret, bareSecret] : [quotedSecret], isIrregular),
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
    inspect: eachFile((file) => (file.test ? [] : addedSecrets(file, [defaultSecret], (secret) => !/\$\{/.test(secret)))),
  },
]

/**
 * Forms by which vendors mark their secrets, from their public documentation; each with a text that it always holds, which is
 * quicker to look for.
 */
const vendorForms: readonly Form[] = [
  ...['AKIA', 'ASIA', 'ABIA', 'ACCA'].map((mark) => ({ mark, form: new RegExp(`\\b${mark}[A-Z2-7]{16}\\b`, 'g') })),
  ...['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'].map((mark) => ({
    mark,
    form: new RegExp(`\\b${mark}[A-Za-z0-9]{36,255}\\b`, 'g'),
  })),
  { mark: 'github_pat_', form: /\bgithub_pat_[A-Za-z0-9_]{60,255}\b/g },
  { mark: 'glpat-', form: /\bglpat-[A-Za-z0-9_-]{20,64}/g },
  { mark: 'npm_', form: /\bnpm_[A-Za-z0-9]{36}\b/g },
  { mark: 'pypi-', form: /\bpypi-[A-Za-z0-9_-]{50,255}/g },
  { mark: 'xox', form: /\bxox[abeoprs]-[A-Za-z0-9-]{10,255}/g },
  { mark: 'hooks.slack.com', form: /https:\/\/hooks\.slack\.com\/(?:services|workflows)\/[A-Za-z0-9/_-]{30,120}/g },
  { mark: '/api/webhooks/', form: /discord(?:app)?\.com\/api\/webhooks\/\d{10,25}\/[\w-]{30,120}/g },
  { mark: 'k_live_', form: /\b[sr]k_live_[A-Za-z0-9]{16,255}\b/g },
  { mark: 'k_test_', form: /\b[sr]k_test_[A-Za-z0-9]{16,255}\b/g },
  { mark: 'whsec_', form: /\bwhsec_[A-Za-z0-9+/=]{24,120}/g },
  { mark: 'sk-', form: /\bsk-[A-Za-z0-9_-]{32,255}/g },
  { mark: 'AIza', form: /\bAIza[A-Za-z0-9_-]{35}/g },
  { mark: 'ya29.', form: /\bya29\.[A-Za-z0-9_-]{30,255}/g },
  { mark: 'GOCSPX-', form: /\bGOCSPX-[A-Za-z0-9_-]{28}/g },
  { mark: 'SG.', form: /\bSG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{16,64}/g },
  { mark: 'key-', form: /\bkey-[0-9a-f]{32}\b/g },
  { mark: 'AC', form: /\bAC[0-9a-f]{32}\b/g },
  { mark: 'SK', form: /\bSK[0-9a-f]{32}\b/g },
  { mark: 'dop_v1_', form: /\bdop_v1_[0-9a-f]{64}\b/g },
  { mark: 'shp', form: /\bshp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}\b/g },
  { mark: 'hf_', form: /\bhf_[A-Za-z]{34}\b/g },
  { mark: 'hvs.', form: /\bhvs\.[A-Za-z0-9_-]{24,255}/g },
  { mark: 'dapi', form: /\bdapi[0-9a-f]{32}\b/g },
  { mark: 'sq0', form: /\bsq0(?:atp|csp)-[A-Za-z0-9_-]{22,64}/g },
  { mark: 'lin_api_', form: /\blin_api_[A-Za-z0-9]{40}\b/g },
  { mark: 'PMAK-', form: /\bPMAK-[0-9a-f]{24}-[0-9a-f]{34}\b/g },
  { mark: 'AGE-SECRET-KEY-1', form: /\bAGE-SECRET-KEY-1[A-Z0-9]{58}\b/g },
  { mark: ':AA', form: /\b\d{8,10}:AA[A-Za-z0-9_-]{33}/g },
  { mark: 'eyJ', form: /\beyJ[A-Za-z0-9_-]{15,2000}\.eyJ[A-Za-z0-9_-]{15,4000}\.[A-Za-z0-9_-]{20,1000}/g },
  {
    mark: 'PRIVATE KEY',
    form: /-----BEGIN (?:[A-Z]{2,10} ){0,3}PRIVATE KEY(?: BLOCK)?-----[\\nr\s'"`+,]{0,60}[A-Za-z0-9+/=]{30}/g,
  },
  { mark: 'AccountKey=', form: /\bAccountKey=[A-Za-z0-9+/]{40,100}={0,2}/g },
  { mark: 'SharedAccessKey=', form: /\bSharedAccessKey=[A-Za-z0-9+/]{40,100}={0,2}/g },
  // A user and a password in an address; it begins at the colon, so that a long word costs nothing.
  { mark: '://', form: /:\/\/[^\s:/@'"`<>{}$]{1,80}:[^\s/@'"`<>{}$]{3,120}@[\w.-]{3,120}/g },
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
  /** A text that every match holds. */
  readonly mark?: string
  readonly form: RegExp
}

function addedSecrets(file: AuditedFile, forms: readonly Form[], counts: (secret: string) => boolean): readonly Sighting[] {
  const secretsIn = (side: Side): readonly Use[] =>
    forms
      .filter(({ mark }) => mark === undefined || side.text.includes(mark))
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

/** Whether a value is random rather than a word, a name or an expression: has digits, and no shape of code. */
function isIrregular(secret: string): boolean {
  if (!isReal(secret) || !/\d/.test(secret) || !/[A-Za-z]/.test(secret)) return false
  const isName = /^[a-z]+(?:[-_.][a-z0-9]+)+$/i.test(secret) || /^[a-z]+[a-zA-Z]*\d{0,3}$/.test(secret)
  const isExpression = /^(?:process|import|this|self|req|ctx|config|await|new)\b|^\W|[$*]{2}/.test(secret)
  return !isName && !isExpression && entropyOf(secret) > entropyMin
}

const placeholder =
  /example|sample|placeholder|changeme|change-me|your[-_]|dummy|fake|mock|xxxx|0000|1234567|abcdef|redacted|todo|test-?key|<[^>]*>|\$\{|:(?:password|pass|pwd|secret|postgres|root|user|guest|example|admin)@|@(?:localhost|127\.0\.0\.1|example|host|db|database|postgres|mysql|redis|mongo|server|proxy)\b|(.)\1{7}/i

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
