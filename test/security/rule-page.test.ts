import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ruleIndex, rulePage } from '../../src/security/rule-page.js'
import { rules } from '../../src/security/rules.js'

const folder = new URL('../../docs/rules/', import.meta.url)
const pages = new Map([['README.md', ruleIndex(rules)], ...rules.map((rule) => [`${rule.id}.md`, rulePage(rule)] as const)])

describe('rulePage()', () => {
  it('made what stands in docs/rules', () => {
    if (process.env['UPDATE_DOCS'] === '1') {
      mkdirSync(folder, { recursive: true })
      for (const [name, text] of pages) writeFileSync(new URL(name, folder), text)
    }
    expect(readdirSync(folder).sort()).toEqual([...pages.keys()].sort())
    for (const [name, text] of pages)
      expect(readFileSync(new URL(name, folder), 'utf8'), `${name} is out of date: UPDATE_DOCS=1`).toBe(text)
  })

  it('shows invisible characters by their code points, so that a page does not do what it warns of', () => {
    for (const text of pages.values()) expect(text).not.toMatch(/[\p{Cf}\u2028\u2029]/u)
    expect(pages.get('UNI-BIDI.md')).toContain('<U+202E>')
  })

  it('shortens long samples', () => {
    expect(pages.get('DELETE-LARGE.md')).toMatch(/… \d+ more lines/)
  })
})
