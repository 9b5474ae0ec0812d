import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isHomeostatError } from '../../../src/core/errors.js'
import type { FileEdit } from '../../../src/core/patch.js'
import { pathProblem } from '../../../src/core/path.js'
import { sha256 } from '../../../src/core/hash.js'
import { editsFromText } from '../../../src/patch/formats/edits-from-text.js'
import {
  parsePatchText,
  printPatchText,
  type ParsedPatch,
  type PrintablePatch,
} from '../../../src/patch/formats/parse-patch-text.js'
import { renderDiff } from '../../../src/patch/render.js'

const withoutLines = (patch: ParsedPatch): unknown =>
  JSON.parse(JSON.stringify(patch, (name, value: unknown) => (name === 'line' ? undefined : value)))

function codeOf(act: () => unknown): string {
  try {
    act()
    return 'done'
  } catch (error) {
    if (isHomeostatError(error)) return error.code
    throw error
  }
}

/** Texts made of what the formats are made of. */
const pieces = [
  '*** Begin Patch',
  '*** End Patch',
  '*** Add File: a.js',
  '*** Delete File: b.js',
  '*** Update File: a.js',
  '*** Move to: c.js',
  '*** End of File',
  '@@',
  '@@ x',
  '@@ -1 +1 @@',
  '@@ -1,2 +1,2 @@',
  'diff --git a/a.js b/a.js',
  '--- a/a.js',
  '+++ b/a.js',
  '<<<<<<< SEARCH',
  '=======',
  '>>>>>>> REPLACE',
  '```',
  '```js',
  '~~~',
  'a.js',
  'b.js',
  '"a b.js"',
  '../a.js',
  '.git/config',
  '',
  ' x',
  '+y',
  '-x',
  'x',
  'y\r',
  '\ufeffx',
  '\\ No newline at end of file',
]
const noise = fc
  .array(fc.oneof({ weight: 20, arbitrary: fc.constantFrom(...pieces) }, fc.string({ unit: 'binary', maxLength: 6 })), {
    maxLength: 25,
  })
  .map((lines) => lines.join('\n'))
const line = fc.constantFrom('a', 'b', 'c', '  d', '', '+', '-', '*** x', '@@', '```', 'ä', 'e\r', 'f ')
const lines = fc.array(line, { maxLength: 6 }).map((texts) => texts.map((text) => `${text}\n`).join(''))
const path = fc
  .oneof(fc.constantFrom('a.js', 'src/b c.js', 'x"y', '---', '```', 'ü/日本', '*** a', 'a`b', '#x'), fc.string({ maxLength: 12 }))
  .filter((text) => pathProblem(text) === undefined)
const paths = fc.uniqueArray(path, { minLength: 1, maxLength: 4, selector: (text) => text.toLowerCase().normalize('NFC') })

describe('parsePatchText()', () => {
  it.each<readonly [ParsedPatch['format'], string]>([
    ['unified-diff', ''],
    ['unified-diff', '\n\ndiff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1 +1 @@\n-a\n+```\n'],
    ['unified-diff', '--- a/a\n+++ b/a\n@@ -1 +1 @@\n-<<<<<<< SEARCH\n+*** Begin Patch\n'],
    ['apply-patch', '\n*** Begin Patch\n*** Add File: a\n+<<<<<<< SEARCH\n+```\n*** End Patch\n'],
    ['search-replace', 'a\n<<<<<<< SEARCH\n*** Begin Patch\n=======\n--- a/a\n+++ b/a\n>>>>>>> REPLACE\n'],
    ['whole-file', 'a\n```\n=======\n--- a\n```\n'],
  ])('knows a %s', (format, text) => {
    expect(parsePatchText(text).format).toBe(format)
  })

  it.each([
    'Just words.\n',
    '*** Begin Patch \n*** End Patch\n',
    'a\n```\n<<<<<<< SEARCH\na\n=======\nb\n>>>>>>> REPLACE\nmore\n```\n',
    'a\0b',
    `a\n\`\`\`\n${'x\n'.repeat(400_001)}\`\`\`\n`,
    'x'.repeat(8 * 1024 * 1024 + 1),
    `*** Begin Patch\n${Array.from({ length: 5_001 }, (_, index) => `*** Delete File: f${index}\n`).join('')}*** End Patch\n`,
    Array.from({ length: 5_001 }, (_, index) => `f${index}\n\`\`\`\n\`\`\`\n`).join(''),
    `a\n${'<<<<<<< SEARCH\na\n=======\nb\n>>>>>>> REPLACE\n'.repeat(5_001)}`,
  ])('refuses what it cannot read, case %#', (text) => {
    expect(codeOf(() => parsePatchText(text))).toBe('HS_PATCH_MALFORMED')
  })

  it('reads whatever there is, or says with a code why not; and so does what makes edits of it', () => {
    const files: Readonly<Record<string, string>> = { 'a.js': 'x\ny\nx x\n', 'b.js': '\ufeffx\r\ny', 'a b.js': '' }
    const seen = new Map<string, number>()
    fc.assert(
      fc.property(noise, (text) => {
        const code = codeOf(() => {
          const parsed = parsePatchText(text)
          seen.set(parsed.format, (seen.get(parsed.format) ?? 0) + 1)
          editsFromText(parsed, { read: (name) => files[name], modeOf: () => 0o644 })
        })
        expect(['done', 'HS_PATCH_MALFORMED', 'HS_PATCH_CONFLICT', 'HS_PATH_REFUSED']).toContain(code)
      }),
      { numRuns: 3_000 },
    )
    expect(seen.get('unified-diff')).toBeGreaterThan(0)
  })

  it('gives the same after printing what it read', () => {
    let read = 0
    const around = (inner: fc.Arbitrary<string>): fc.Arbitrary<string> =>
      fc.oneof(
        fc
          .tuple(inner, lines)
          .map(
            ([body, text]) => `*** Begin Patch\n${body}*** Add File: z\n${text.replace(/^/gm, '+').slice(0, -1)}*** End Patch\n`,
          ),
        fc
          .tuple(path, lines, lines)
          .map(([name, a, b]) => `${JSON.stringify(name)}\n<<<<<<< SEARCH\n${a}=======\n${b}>>>>>>> REPLACE\n`),
        fc.tuple(path, lines).map(([name, a]) => `${JSON.stringify(name)}\n~~~~\n${a}~~~~\n`),
      )
    const chunk = fc
      .tuple(
        fc.constantFrom('@@', '@@ a', '@@ a\n@@  b'),
        fc.array(fc.tuple(fc.constantFrom(' ', '+', '-'), line), { minLength: 1, maxLength: 4 }),
        fc.boolean(),
      )
      .map(
        ([head, body, end]) =>
          `${head}\n${body.map(([mark, text]) => `${mark}${text}\n`).join('')}${end ? '*** End of File\n' : ''}`,
      )
    const update = fc
      .tuple(path, fc.boolean(), fc.array(chunk, { maxLength: 2 }))
      .map(([name, moved, chunks]) => `*** Update File: ${name}\n${moved ? '*** Move to: moved\n' : ''}${chunks.join('')}`)
    fc.assert(
      fc.property(fc.oneof(around(update), noise), (text) => {
        let parsed: ParsedPatch
        try {
          parsed = parsePatchText(text)
        } catch {
          return
        }
        if (parsed.format === 'unified-diff') return
        read += 1
        const printed = printPatchText(parsed)
        expect(withoutLines(parsePatchText(printed))).toEqual(withoutLines(parsed))
        expect(printPatchText(parsePatchText(printed) as PrintablePatch)).toBe(printed)
      }),
      { numRuns: 2_000 },
    )
    expect(read).toBeGreaterThan(300)
  })

  it('makes the same edits of one change, whichever format says it', () => {
    fc.assert(
      fc.property(
        paths,
        fc.array(fc.nat(99), { minLength: 8, maxLength: 30 }),
        fc.nat(),
        fc.boolean(),
        (names, numbers, at, crLf) => {
          const eol = crLf ? '\r\n' : '\n'
          const before = numbers.map((number, index) => `${index} ${number}`)
          const changed = at % before.length
          const now = before.with(changed, `changed${eol}twice`)
          const text = (all: readonly string[]): string => all.map((one) => one + eol).join('')
          const edits = names.map((name): FileEdit => ({
            path: name,
            before: text(before),
            after: text(now),
            baseHash: sha256(text(before)),
          }))
          const plain = (all: readonly string[]): string => text(all).replaceAll('\r', '')
          const [old = ''] = before.slice(changed)
          const texts = [
            renderDiff(edits),
            printPatchText({ format: 'whole-file', files: names.map((name) => ({ path: name, text: plain(now) })) }),
            printPatchText({
              format: 'search-replace',
              blocks: names.map((name) => ({ path: name, search: `${old}\n`, replace: 'changed\ntwice\n' })),
            }),
            printPatchText({
              format: 'apply-patch',
              sections: names.map((name) => ({
                kind: 'update',
                path: name,
                chunks: [
                  {
                    anchors: [],
                    atEnd: false,
                    line: 1,
                    lines: [
                      { kind: 'remove', text: old, eol: '\n' },
                      { kind: 'add', text: 'changed', eol: '\n' },
                      { kind: 'add', text: 'twice', eol: '\n' },
                    ],
                  },
                ],
              })),
            }),
          ]
          for (const one of texts) {
            const made = editsFromText(parsePatchText(one), {
              read: (name) => (names.includes(name) ? text(before) : undefined),
              modeOf: () => 0o644,
            })
            expect(made).toEqual({ edits, actions: [] })
          }
        },
      ),
      { numRuns: 150 },
    )
  })

  const hostile: readonly (readonly [string, string])[] = [
    ['blocks', `a\n${'<<<<<<< SEARCH\na\n=======\nb\n>>>>>>> REPLACE\n'.repeat(4_900)}`],
    ['openings', 'a\n' + '<<<<<<< SEARCH\n'.repeat(70_000)],
    ['one opening and no end', `a\n<<<<<<< SEARCH\n${'a\n'.repeat(390_000)}`],
    ['fences', '```\n'.repeat(250_000)],
    ['paths and fences', 'a\n```\n'.repeat(150_000)],
    ['long fences', `a\n${'`'.repeat(32)}\n${`${' '.repeat(60)}${'`'.repeat(31)}\n`.repeat(10_000)}`],
    ['anchors', `*** Begin Patch\n*** Update File: a\n${'@@ x\n'.repeat(200_000)}-x\n*** End Patch\n`],
    ['chunks that are all alike', `*** Begin Patch\n*** Update File: a\n${'@@\n-x\n'.repeat(150_000)}*** End Patch\n`],
    [
      'chunks of their own',
      `*** Begin Patch\n*** Update File: a\n${Array.from({ length: 60_000 }, (_, at) => `@@ x\n-${at}\n+y\n`).join('')}*** End Patch\n`,
    ],
    ['a very long line', `a\n\`\`\`\n${'x'.repeat(1_000_000)}\n\`\`\`\n`],
    ['blanks', `${' \n'.repeat(399_000)}a`],
    ['quotes', `"${'\\"'.repeat(500_000)}\n\`\`\`\n`],
    ['dots and dashes', `a\n\`\`\`\n${`// ${'.'.repeat(290)}\n`.repeat(3_400)}\`\`\`\n`],
  ]

  it.each(hostile)('takes no more than two seconds for a megabyte of %s', (_, text) => {
    const before = [
      ...Array.from({ length: 60_000 }, (_unused, at) => String(at)),
      ...Array.from({ length: 60_000 }, () => 'x'),
      '',
    ].join('\n')
    const started = performance.now()
    codeOf(() => editsFromText(parsePatchText(text), { read: () => before, modeOf: () => 0o644 }))
    expect(performance.now() - started).toBeLessThan(2_000)
  })
})

describe('printPatchText()', () => {
  it.each<readonly [string, PrintablePatch]>([
    ['marks inside a block', { format: 'search-replace', blocks: [{ path: 'a', search: '=======\n', replace: '' }] }],
    ['a block without a last line ending', { format: 'search-replace', blocks: [{ path: 'a', search: 'x', replace: 'y\n' }] }],
    ['a block inside a whole file', { format: 'whole-file', files: [{ path: 'a', text: '<<<<<<< SEARCH\n' }] }],
    ['a file without a last line ending', { format: 'whole-file', files: [{ path: 'a', text: 'x' }] }],
    ['more backquotes than a fence has', { format: 'whole-file', files: [{ path: 'a', text: `${'`'.repeat(40)}\n` }] }],
    ['a path with a line feed', { format: 'apply-patch', sections: [{ kind: 'delete', path: 'a\n*** Delete File: b' }] }],
    ['a new file without a last line ending', { format: 'apply-patch', sections: [{ kind: 'add', path: 'a', text: 'x' }] }],
  ])('refuses %s', (_, patch) => {
    expect(() => printPatchText(patch)).toThrow(RangeError)
  })

  it('prints what people can read', () => {
    expect(printPatchText({ format: 'search-replace', blocks: [{ path: 'src/a.js', search: 'a\n', replace: 'b\n' }] })).toBe(
      'src/a.js\n<<<<<<< SEARCH\na\n=======\nb\n>>>>>>> REPLACE\n',
    )
    expect(printPatchText({ format: 'whole-file', files: [{ path: 'a b', text: 'x\n' }] })).toBe('"a b"\n```\nx\n```\n')
  })
})
