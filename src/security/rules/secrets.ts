import type { AuditedFile } from '../audited-file.js'
import { eachFile, type Rule, type Sighting } from '../rule.js'

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
    rationale: 'What is committed is public sooner or later, and stays in the history. A repair never needs a real secret in the source.',
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
    rationale: 'Passwords, tokens and keys belong to the environment or a vault; the value here is too irregular to be a placeholder.',
    example: { path: 'src/db.js', before: 'a\n', after: `a\nconst apiKey = '${sampleSecret}'\n` },
    nearMiss: { path: 'src/db.js', before: 'a\n', after: "a\nconst apiKey = 'your-api-key-1'\n" },
    inspect: eachFile((file) => (file.test || isLockLike(file.path) ? [] : addedSecrets(file, file.after?.language === 'hash' ? [quotedSecret, bareSecret] : [quotedSecret], isIrregular))),
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

/** Forms by which vendors mark their secrets, from their public documentation. Every one has a fixed beginning, so it is quick. */
const vendorForms: readonly RegExp[] = [
  /\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b/g,
  /\bgh[pousr]_[A-Za-z0-9]{36,255}\b/g,
  /\bgithub_pat_[A-Za-z0-9_]{60,255}\b/g,
  /\bglpat-[A-Za-z0-9_-]{20,64}\b/g,
  /\bnpm_[A-Za-z0-9]{36}\b/g,
  /\bpypi-[A-Za-z0-9_-]{50,255}/g,
  /\bxox[abeoprs]-[A-Za-z0-9-]{10,255}/g,
  /https:\/\/hooks\.slack\.com\/(?:services|workflows)\/[A-Za-z0-9/_-]{30,120}/g,
  /https:\/\/(?:\w{1,20}\.)?discord(?:app)?\.com\/api\/webhooks\/\d{10,25}\/[\w-]{30,120}/g,
  /\bsk_(?:live|test)_[A-Za-z0-9]{16,255}\b/g,
  /\brk_(?:live|test)_[A-Za-z0-9]{16,255}\b/g,
  /\bwhsec_[A-Za-z0-9+/=]{24,120}/g,
  /\bsk-(?:proj|svcacct|admin|ant-api\d\d|ant-admin\d\d)?-?[A-Za-z0-9_-]{32,255}/g,
  /\bAIza[A-Za-z0-9_-]{35}\b/g,
  /\bya29\.[A-Za-z0-9_-]{30,255}/g,
  /\bGOCSPX-[A-Za-z0-9_-]{28}\b/g,
  /\bSG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{16,64}\b/g,
  /\bkey-[0-9a-f]{32}\b/g,
  /\b(?:AC|SK)[0-9a-f]{32}\b/g,
  /\bdop_v1_[0-9a-f]{64}\b/g,
  /\bshp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}\b/g,
  /\bhf_[A-Za-z]{34}\b/g,
  /\b(?:hvs|hvb)\.[A-Za-z0-9_-]{24,255}/g,
  /\bdapi[0-9a-f]{32}\b/g,
  /\bsq0(?:atp|csp)-[A-Za-z0-9_-]{22,64}/g,
  /\bEAAA[A-Za-z0-9_-]{60}\b/g,
  /\blin_api_[A-Za-z0-9]{40}\b/g,
  /\bPMAK-[0-9a-f]{24}-[0-9a-f]{34}\b/g,
  /\bAGE-SECRET-KEY-1[A-Z0-9]{58}\b/g,
  /\b\d{8,10}:AA[A-Za-z0-9_-]{33}\b/g,
  /\beyJ[A-Za-z0-9_-]{15,2000}\.eyJ[A-Za-z0-9_-]{15,4000}\.[A-Za-z0-9_-]{20,1000}/g,
  /-----BEGIN (?:[A-Z]{2,10} ){0,3}PRIVATE KEY(?: BLOCK)?-----/g,
  /\b(?:AccountKey|SharedAccessKey)=[A-Za-z0-9+/]{40,100}={0,2}/g,
  /\b[a-z][a-z0-9+]{1,20}:\/\/[^\s:/@'"`<>{}$]{1,80}:[^\s/@'"`<>{}$]{3,120}@[\w.-]{3,120}/g,
]

const secretName = String.raw`(?:pass(?:word|wd|phrase)?|pwd|secret|token|api[_-]?key|access[_-]?key|auth[_-]?key|private[_-]?key|signing[_-]?key|encryption[_-]?key|client[_-]?secret|credential|bearer|jwt)`
const quotedSecret = new RegExp(String.raw`${secretName}[\w-]{0,30}['"]?\]?\s{0,8}(?::\s{0,8}string\s{0,8})?(?::|={1,3}|=>|,|\()\s{0,8}(?:b|f|r)?['"\x60]([\w+/=.~!@#$%^&*-]{8,200})['"\x60]`, 'gi')
/** In settings values need no quotes. */
const bareSecret = new RegExp(String.raw`${secretName}[\w-]{0,30}\s{0,8}[:=]\s{0,8}([\w+/=.~!@#%^&*-]{8,200})\s{0,80}$`, 'gi')
const defaultSecret = new RegExp(String.raw`env(?:\.|\[['"])\w{0,40}(?:PASS|SECRET|TOKEN|KEY|CREDENTIAL)\w{0,40}(?:['"]\])?\s{0,8}(?:\?\?|\|\|)\s{0,8}(['"\x60][^'"\x60\n]{1,200}['"\x60])`, 'gi')

function addedSecrets(file: AuditedFile, forms: readonly RegExp[], counts: (secret: string) => boolean): readonly Sighting[] {
  const old = new Set<string>()
  const secretsOf = (text: string): readonly string[] => forms.flatMap((form) => Array.from(text.matchAll(form), (match) => match[1] ?? match[0])).filter(counts)
  for (const { text } of file.removed) for (const secret of secretsOf(text)) old.add(secret)
  return file.added.flatMap(({ line, text }) =>
    secretsOf(text)
      .filter((secret) => !old.has(secret))
      .slice(0, 5)
      .map((secret) => ({ path: file.path, line, evidence: redacted(secret) })),
  )
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

const placeholder = /example|sample|placeholder|changeme|change-me|your[-_]|dummy|fake|mock|xxxx|0000|1234567|abcdef|redacted|todo|test-?key|<[^>]*>|\$\{|:(?:password|pass|pwd|secret|postgres|root|user|guest|example|admin)@|@(?:localhost|127\.0\.0\.1|example|host|db|database|postgres|mysql|redis|mongo|server|proxy)\b|(.)\1{7}/i

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
