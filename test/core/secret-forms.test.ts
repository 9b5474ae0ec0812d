import { describe, expect, it } from 'vitest'
import { secretForms } from '../../src/core/secret-forms.js'

// Put together from parts, so that no scanner takes this file for a leak.
const random = `f8Kq2Lm9${'Zx4Rt7Vb1Nc6Wy3Hd5'}`
const long = random.repeat(3)
const hex = 'f8a2b9c4'.repeat(8)
const samples: Readonly<Record<string, string>> = {
  'PRIVATE KEY': `${['-----BEGIN RSA ', 'PRIVATE KEY-----'].join('')}\n${long}\n-----END RSA PRIVATE KEY-----`,
  xox: `xoxb-${random}`,
  'hooks.slack.com': `https://hooks.slack.com/services/T0/B0/${long}`,
  '/api/webhooks/': `https://discord.com/api/webhooks/12345678901234567/${long}`,
  k_live_: `sk_live_${random}`,
  k_test_: `rk_test_${random}`,
  'SG.': `SG.${random}.${random}`,
  'key-': `key-${hex.slice(0, 32)}`,
  AC: `AC${hex.slice(0, 32)}`,
  SK: `SK${hex.slice(0, 32)}`,
  dop_v1_: `dop_v1_${hex}`,
  hf_: `hf_${'abcdefghijABCDEFGHIJklmnopqrstKLMN'}`,
  dapi: `dapi${hex.slice(0, 32)}`,
  sq0: `sq0atp-${random}`,
  'PMAK-': `PMAK-${hex.slice(0, 24)}-${hex.slice(0, 34)}`,
  'AGE-SECRET-KEY-1': `AGE-SECRET-KEY-1${long.toUpperCase().slice(0, 58)}`,
  ':AA': `123456789:AA${long.slice(0, 33)}`,
  eyJ: `eyJ${random}.eyJ${random}.${random}`,
  'AccountKey=': `AccountKey=${long}==`,
  'SharedAccessKey=': `SharedAccessKey=${long}==`,
  '://': `postgres://app:${random}@db.example.org`,
}
/** Those that say nothing but their mark, in the lengths that they have. */
const lengths: Readonly<Record<string, number>> = { npm_: 36, AIza: 35, 'GOCSPX-': 28, lin_api_: 40 }

function sampleOf(mark: string): string {
  if (/^A[A-Z]{3}$/.test(mark)) return `${mark}Q7XJ4KZ2MWN3PLR6`
  if (mark.startsWith('shp')) return `${mark}${hex.slice(0, 32)}`
  return samples[mark] ?? `${mark}${long.slice(0, lengths[mark] ?? 64)}`
}

describe('secretForms', () => {
  it.each(secretForms.map((form) => [form.mark, form] as const))('knows %s, both exactly and widely', (mark, { exact, wide }) => {
    const sample = sampleOf(mark)
    expect(sample).toContain(mark)
    expect(`(${sample})`.match(exact)?.[0]).toContain(mark)
    const [match] = `(${sample})`.matchAll(wide)
    expect(match?.[0]).toContain(mark)
    expect(sample).toContain(match?.[1] ?? mark)
  })

  it('is global, and holds no other mark twice', () => {
    expect(secretForms.every(({ exact, wide }) => exact.global && wide.global)).toBe(true)
    expect(new Set(secretForms.map(({ mark }) => mark)).size).toBe(secretForms.length)
  })
})
