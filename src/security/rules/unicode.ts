import type { AuditedFile } from '../audited-file.js'
import { eachFile, isCode, type Rule, type Sighting } from '../rule.js'

export const unicodeRules: readonly Rule[] = [
  {
    id: 'UNI-BIDI',
    cwe: 1007,
    tier: 'block',
    stage: 'static',
    title: 'The added text changes its reading direction invisibly',
    rationale: 'Bidirectional controls make code show in another order than it runs (Trojan Source, CVE-2021-42574).',
    example: { path: 'src/cart.js', before: 'a\n', after: "a\nif (role !== '\u202euser\u2066') {}\n" },
    nearMiss: { path: 'src/text.js', before: 'a\n', after: "a\nconst greeting = 'שלום'\n" },
    inspect: eachFile((file) => addedCharacters(file, /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g)),
  },
  {
    id: 'UNI-INVISIBLE',
    cwe: 1007,
    tier: 'block',
    stage: 'static',
    title: 'The added text holds characters that nobody can see',
    rationale:
      'Invisible characters split words that a reviewer reads as one, carry hidden text for models, or are identifiers themselves. Joiners and variation selectors are allowed where emoji or scripts need them.',
    example: { path: 'src/cart.js', before: 'a\n', after: 'a\nconst tot\u200bal = 1\n' },
    nearMiss: { path: 'src/cart.js', before: 'a\n', after: "a\nconst family = '👩\u200d👧'\n" },
    inspect: eachFile((file) => addedCharacters(file, invisible)),
  },
  {
    id: 'UNI-HOMOGLYPH',
    cwe: 1007,
    tier: 'high',
    stage: 'static',
    title: 'A word mixes Latin letters with look-alikes from another script',
    rationale:
      'A name that looks like another is another name: a check of one is no check of the other (Unicode TR 39, mixed scripts).',
    example: { path: 'src/cart.js', before: 'a\n', after: 'a\nconst isАdmin = true\n' },
    nearMiss: { path: 'src/cart.js', before: 'a\n', after: "a\nconst Δx = 'Привет'\n" },
    inspect: eachFile((file) => (file.after?.language === 'prose' ? [] : mixedWords(file))),
  },
]

/** Zero-width, soft hyphen, fillers, separators, tags, inner BOM; joiners only where nothing needs them. */
const invisible =
  // eslint-disable-next-line no-misleading-character-class
  /[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b\u2028\u2029\u2060-\u2065\u206a-\u206f\u3164\uffa0\ufff9-\ufffb]|\ufeff|(?<![\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0f\p{Script=Arabic}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Sinhala}\p{M}])[\u200c\u200d]|(?<![\p{Emoji}\p{Extended_Pictographic}])[\ufe00-\ufe0d]|(?<![\p{Emoji}\p{Extended_Pictographic}])[\ufe0e\ufe0f](?!\p{Extended_Pictographic})|[\u{e0000}-\u{e01ef}]/gu

/** More of one file tell nothing new. */
const sightingsMax = 100

/** Quick to tell: all that is looked for here is beyond ASCII. */
const unusual = /[^\0-\x7f]/

/** Characters that are on more added lines than removed ones, each where it stands first. */
function addedCharacters(file: AuditedFile, pattern: RegExp): readonly Sighting[] {
  if (!file.added.some(({ text }) => unusual.test(text))) return []
  const balance = new Map<string, number>()
  for (const { text } of file.removed)
    for (const [character] of text.matchAll(pattern)) balance.set(character, (balance.get(character) ?? 0) - 1)
  const sightings: Sighting[] = []
  for (const { line, text } of file.added) {
    const isFirst = line === 1
    for (const match of text.matchAll(pattern)) {
      const [character] = match
      if (character === '\ufeff' && isFirst && match.index === 0) continue
      const left = (balance.get(character) ?? 0) + 1
      balance.set(character, left)
      if (left > 0 && sightings.length < sightingsMax)
        sightings.push({ path: file.path, line, evidence: visible(text.slice(Math.max(0, match.index - 40), match.index + 40)) })
    }
  }
  return sightings
}

/** Invisible characters as their code points. */
function visible(text: string): string {
  return text.replace(/[^\x20-\x7e]/gu, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`)
}

/** Letters that are drawn as Latin ones are; others of these scripts are no deceit beside Latin ones. */
const lookAlikes = 'АВЕЅІЈКМНОРСТУХѴаеѕіјорсухѵԁԛԝһΑΒΕΖΗΙΚΜΝΟΡΤΥΧονρυιϲ'
const lookAlike = new RegExp(`[${lookAlikes}\uff21-\uff3a\uff41-\uff5a\u{1d400}-\u{1d7ff}]`, 'u')
const onlyLookAlikes = new RegExp(`^[${lookAlikes}_$0-9]{2,}$`, 'u')

function mixedWords(file: AuditedFile): readonly Sighting[] {
  const known = new Set(file.removed.flatMap(({ text }) => wordsOf(text)))
  const inCode = file.after !== undefined && isCode(file)
  return file.added.flatMap(({ line, text }) => {
    if (!unusual.test(text)) return []
    const word = wordsOf(text).find(
      (candidate) =>
        !known.has(candidate) &&
        ((/[A-Za-z]/.test(candidate) && lookAlike.test(candidate)) ||
          (inCode && onlyLookAlikes.test(candidate) && isIdentifier(file, line, candidate))),
    )
    return word === undefined ? [] : [{ path: file.path, line, evidence: visible(word) }]
  })
}

function wordsOf(text: string): readonly string[] {
  return text.match(/[\p{L}\p{N}_$]+/gu) ?? []
}

/** Whether the word stands in code on that line, not in a text: there it may simply be a word. */
function isIdentifier(file: AuditedFile, line: number, word: string): boolean {
  const side = file.after
  if (side === undefined) return false
  for (let at = side.masked.code.indexOf(word); at >= 0; at = side.masked.code.indexOf(word, at + 1))
    if (side.lineAt(at) === line) return true
  return false
}
