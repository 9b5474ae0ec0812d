import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HomeostatError } from '../../src/core/errors.js'
import { sha256 } from '../../src/core/hash.js'
import { renderDiff } from '../../src/patch/render.js'
import { parseReply, type ParsedReply } from '../../src/repair/model/reply.js'

const source = [
  "import { sum } from './sum.js'",
  '',
  'export function total(items) {',
  '  let result = 0',
  '  for (const item of items) result = sum(result, item)',
  '  return reslt',
  '}',
  '',
].join('\n')
const fixed = source.replace('reslt', 'result')
const tree: Readonly<Record<string, string>> = {
  'src/total.js': source,
  'src/sum.js': 'export const sum = (a, b) => a - b\n',
  'crlf.js': source.replaceAll('\n', '\r\n'),
  'bom.js': `\ufeff${source.slice(0, -1)}`,
}
const read = (path: string): string | undefined => (Object.hasOwn(tree, path) ? tree[path] : undefined)
const parse = (text: string, files: readonly string[] = ['src/total.js', 'src/sum.js']): ParsedReply =>
  parseReply(text, { files, read, bytesMax: 64 * 1024 })
/** What the files become; a reply that is no patch fails the test. */
const result = (reply: ParsedReply): Record<string, string | null> => {
  if (reply.kind !== 'patch') throw new Error(`no patch: ${JSON.stringify(reply)}`)
  return Object.fromEntries(reply.edits.map(({ path, after }) => [path, after]))
}
const reasonOf = (reply: ParsedReply): string => (reply.kind === 'prose' ? reply.reason : `not prose but ${reply.kind}`)

const hunk = [
  '@@ -4,4 +4,4 @@',
  '   let result = 0',
  '   for (const item of items) result = sum(result, item)',
  '-  return reslt',
  '+  return result',
  ' }',
].join('\n')
const diff = `--- a/src/total.js\n+++ b/src/total.js\n${hunk}\n`
const block = (search: string, replace: string): string => `<<<<<<< SEARCH\n${search}=======\n${replace}>>>>>>> REPLACE\n`
const oneBlock = block('  return reslt\n', '  return result\n')
const fence = (info: string, text: string): string => `\`\`\`${info}\n${text}\`\`\`\n`

describe('parseReply() with unified diffs', () => {
  it.each([
    ['fenced', `The name is misspelt.\n\n${fence('diff', diff)}\nThat is all.`],
    ['fenced without a language', fence('', diff)],
    ['with tildes, in a list', `1. Do this:\n   ~~~diff\n${diff.replace(/^/gm, '   ').trimEnd()}\n   ~~~\n`],
    ['bare, with talk around it', `The name is misspelt.\n\n${diff}\nI hope that helps - tell me.`],
    ['bare, of git', `diff --git a/src/total.js b/src/total.js\nindex ${sha1Of(source)}..1234567 100644\n${diff}`],
    ['with CR LF', fence('diff', diff).replaceAll('\n', '\r\n')],
    ['with wrong line numbers', fence('diff', diff.replace('-4,4 +4,4', '-40,4 +40,4'))],
    ['with wrong counts', fence('diff', diff.replace('-4,4 +4,4', '-4,9 +4,7'))],
    [
      'of git without counts',
      fence('diff', `diff --git a/src/total.js b/src/total.js\nindex 1234567..89abcde 100644\n${diff.replace(/@@.*@@/, '@@')}`),
    ],
    ['without counts', fence('diff', diff.replace(/@@.*@@/, '@@ ... @@'))],
    ['without names, under a heading', `### src/total.js\n\n${fence('diff', `${hunk}\n`)}`],
    [
      'beside a block that repeats the file',
      `${fence('diff', diff)}\nThe whole file is then:\n\n${fence('js title=src/total.js', fixed)}`,
    ],
  ])('reads one %s', (_, text) => {
    const reply = parse(text)
    expect(result(reply)).toEqual({ 'src/total.js': fixed })
    expect(reply).toMatchObject({ form: 'unified-diff', edits: [{ before: source, baseHash: sha256(source) }] })
  })

  it('applies several, or none', () => {
    const other =
      '--- a/src/sum.js\n+++ b/src/sum.js\n@@ -1 +1 @@\n-export const sum = (a, b) => a - b\n+export const sum = (a, b) => a + b\n'
    expect(Object.keys(result(parse(`${fence('diff', diff)}\nand\n${fence('diff', other)}`)))).toEqual([
      'src/total.js',
      'src/sum.js',
    ])
    expect(reasonOf(parse(`${fence('diff', diff)}\n${fence('diff', other.replace('a - b', 'a * b'))}`))).toContain('nowhere')
    expect(reasonOf(parse(`${fence('diff', diff)}\nTo another:\n${other.replaceAll('src/sum.js', '../sum.js')}`))).toContain(
      'Cannot touch',
    )
  })

  it('creates files, removes them, and takes two blocks for one file', () => {
    expect(result(parse(fence('diff', '--- /dev/null\n+++ b/src/new.js\n@@ -0,0 +1,5 @@\n+export {}\n')))).toEqual({
      'src/new.js': 'export {}\n',
    })
    expect(
      result(parse(fence('diff', '--- a/src/sum.js\n+++ /dev/null\n@@ -1 +0,0 @@\n-export const sum = (a, b) => a - b\n'))),
    ).toEqual({ 'src/sum.js': null })
    expect(
      parse(fence('diff', '--- a/src/sum.js\n+++ /dev/null\n@@ -1,7 +0,0 @@\n-export const sum = (a, b) => a - b\n')).kind,
    ).toBe('prose')
    const second =
      '--- a/src/total.js\n+++ b/src/total.js\n@@ -1,1 +1,1 @@\n-import { sum } from \'./sum.js\'\n+import { sum } from "./sum.js"\n'
    expect(result(parse(fence('diff', diff) + fence('diff', second)))).toEqual({ 'src/total.js': fixed.replaceAll("'", '"') })
  })

  it.each([
    ['cut off in a fence', fence('diff', diff).split('\n').slice(0, -4).join('\n'), 'Cannot read the patch'],
    ['cut off outside of a fence', diff.split('\n').slice(0, -3).join('\n'), 'Cannot read the patch'],
    ['that does not match', fence('diff', diff.replace('let result', 'var result')), 'nowhere'],
    [
      'with wrong counts that does not match',
      fence('diff', diff.replace('let result', 'var result').replace('4,4 +', '4,8 +')),
      'nowhere',
    ],
    [
      'that only adds, nowhere in particular',
      fence('diff', '--- a/src/total.js\n+++ b/src/total.js\n@@\n+const a = 1\n'),
      'empty',
    ],
    [
      'with a rename and wrong counts',
      fence(
        'diff',
        `diff --git a/src/total.js b/src/x.js\nrename from src/total.js\nrename to src/x.js\n${diff.replace('4,4 +', '4,8 +')}`,
      ),
      'Cannot read',
    ],
    ['with another new name', fence('diff', diff.replace('+++ b/src/total.js', '+++ b/src/other.js')), 'differ'],
    ['with junk in a hunk', fence('diff', diff.replace('\n }', '\n}')), 'Cannot read'],
    ['that says nothing', fence('diff', '--- a/src/total.js\n+++ b/src/total.js\n'), 'no hunk'],
    ['without names and without a heading', fence('diff', `${hunk}\n`), 'Cannot read'],
    [
      'with a hunk that changes nothing and wrong counts',
      fence('diff', `${diff.replace('4,4 +', '4,8 +')}@@ -1,9 +1,9 @@\n import\n`),
      'Cannot read',
    ],
    [
      'of a removed file with wrong counts',
      fence('diff', diff.replace('+++ b/src/total.js', '+++ /dev/null').replace('4,4 +', '4,8 +')),
      'Cannot read',
    ],
    [
      'with words between its hunks',
      fence('diff', diff.replace('@@ -4,4 +4,4 @@', 'some words\n@@ -4,4 +4,4 @@')),
      'Cannot read',
    ],
    ['that changes nothing', fence('diff', diff.replace('+  return result', '+  return reslt')), 'changes nothing'],
    ['into .git', fence('diff', diff.replaceAll('src/total.js', '.git/config')), 'Cannot touch'],
    [
      'beside a block for another file',
      `${fence('diff', diff)}\n\`src/sum.js\`\n${fence('js', 'export const sum = (a, b) => a + b\n')}`,
      'mixes',
    ],
    ['beside search and replace', `${fence('diff', diff)}\nsrc/sum.js\n${oneBlock}`, 'mixes'],
  ])('refuses one %s', (_, text, reason) => {
    expect(reasonOf(parse(text))).toContain(reason)
  })

  it('is undone by nothing: what renderDiff() writes it reads back', () => {
    const line = fc.constantFrom('a', 'b', '  c()', '', '}', '# d', '- e', '+ f')
    const text = fc.array(line, { minLength: 1, maxLength: 30 }).map((lines) => `${lines.join('\n')}\n`)
    fc.assert(
      fc.property(text, text, fc.boolean(), (before, after, fenced) => {
        fc.pre(before !== after)
        const rendered = renderDiff([{ path: 'a/b.txt', before, after, baseHash: sha256(before) }])
        const reply = parseReply(fenced ? `So:\n${fence('diff', rendered)}Done.` : `So:\n\n${rendered}\nDone.`, {
          files: [],
          read: () => before,
          bytesMax: 1e6,
        })
        expect(result(reply)).toEqual({ 'a/b.txt': after })
      }),
      { numRuns: 200 },
    )
  })
})

describe('parseReply() with search-and-replace blocks', () => {
  it.each([
    ['under its path', `Fixed:\n\nsrc/total.js\n${oneBlock}`],
    ['in a fence under its path', `**src/total.js**\n${fence('js', oneBlock)}`],
    ['in a fence with its path inside', fence('', `src/total.js\n${oneBlock}`)],
    ['in a fence with its path in the info string', fence('js:src/total.js', oneBlock)],
    ['with a space between path and block', `\`src/total.js\`:\n\n${oneBlock}`],
  ])('reads one %s', (_, text) => {
    expect(parse(text)).toMatchObject({ kind: 'patch', form: 'search-replace' })
    expect(result(parse(text))).toEqual({ 'src/total.js': fixed })
  })

  it('takes the only file shown when none is named, and the last one named for further blocks', () => {
    expect(result(parse(oneBlock, ['src/total.js']))).toEqual({ 'src/total.js': fixed })
    expect(reasonOf(parse(oneBlock))).toContain('does not say which file')
    const two = `src/total.js\n${oneBlock}\n${block('  let result = 0\n', '')}`
    expect(result(parse(two))).toEqual({ 'src/total.js': fixed.replace('  let result = 0\n', '') })
  })

  it('keeps line endings, byte order mark and a missing final line ending', () => {
    expect(result(parse(`crlf.js\n${oneBlock}`))).toEqual({ 'crlf.js': fixed.replaceAll('\n', '\r\n') })
    expect(result(parse(`bom.js\n${block('}\n', '}\n// end\n')}`))).toEqual({ 'bom.js': `\ufeff${source}// end` })
  })

  it('takes fences and diffs inside a block for content', () => {
    const content = `${fence('js title=src/other.js', 'export {}\n')}\n${diff}`
    expect(result(parse(`docs/new.md\n${block('', content)}`))).toEqual({ 'docs/new.md': content })
  })

  it('creates a file from an empty search text', () => {
    expect(result(parse(`src/new.js\n${block('', 'export {}\n')}`))).toEqual({ 'src/new.js': 'export {}\n' })
  })

  it.each([
    ['without an end', `src/total.js\n${oneBlock.replace('>>>>>>> REPLACE\n', '')}`, 'ends too early'],
    ['without a divider', `src/total.js\n${oneBlock.replace('=======\n', '')}`, 'no "=======" line'],
    ['with a conflict inside', `src/total.js\n${block('a\n=======\nb\n', 'a\n')}`, 'more than one'],
    ['inside another', `src/total.js\n<<<<<<< SEARCH\n${oneBlock}`, 'before the next begins'],
    ['that matches nothing', `src/total.js\n${block('  return reslt;\n', '')}`, 'nowhere'],
    ['outside the root', `../x.js\n${oneBlock}`, 'Cannot touch'],
    ['beside a block for another file', `src/total.js\n${oneBlock}\n${fence('js title=src/new.js', 'export {}\n')}`, 'mixes'],
  ])('refuses one %s, and with it all', (_, text, reason) => {
    expect(reasonOf(parse(`src/sum.js\n${block('export const sum = (a, b) => a - b\n', 'x\n')}\n${text}`))).toContain(reason)
  })
})

describe('parseReply() with whole files', () => {
  it.each([
    ['title=', fence('js title=src/total.js', fixed)],
    ['a quoted title', fence('js {title="src/total.js"}', fixed)],
    ['the info string', fence('js ./src/total.js', fixed)],
    ['a heading', `### \`src/total.js\`\n\n${fence('js', fixed)}`],
    ['a bold line', `**src/total.js:**\n${fence('js', fixed)}`],
    ['a label', `File: src/total.js\n${fence('js', fixed)}`],
    ['a sentence', `Here is the whole of \`src/total.js\`:\n${fence('js', fixed)}`],
    ['a comment before', `// file: src/total.js\n${fence('js', fixed)}`],
    ['a comment inside', fence('js', `// src/total.js\n${fixed}`)],
    ['a list item', `1. src/total.js\n${fence('js', fixed)}`],
  ])('reads one that is named by %s', (_, text) => {
    expect(parse(text)).toMatchObject({ kind: 'patch', form: 'whole-file' })
    expect(result(parse(text))).toEqual({ 'src/total.js': fixed })
  })

  it('takes the only file shown for a block without a name, when it is the whole file', () => {
    expect(result(parse(`Fixed:\n${fence('js', fixed)}`, ['src/total.js']))).toEqual({ 'src/total.js': fixed })
    expect(reasonOf(parse(`Fixed:\n${fence('js', fixed)}`))).toContain('does not say which file')
    expect(reasonOf(parse(fence('js', '  return result\n'), ['src/total.js']))).toContain('not the whole')
    expect(reasonOf(parse(fence('js', fixed) + fence('js', fixed), ['src/total.js']))).toContain('several')
    expect(reasonOf(parse(fence('js', 'export const sum = 1\n'), ['src/sum.js']))).toContain('not the whole')
    expect(reasonOf(parse(fence('js', fixed), ['gone.js']))).toContain('does not say which file')
  })

  it('does not take commands and output for files', () => {
    for (const language of ['sh', 'bash', 'console', 'text', 'output'])
      expect(parse(`Run this:\n${fence(language, source)}`, ['src/total.js']).kind).toBe('prose')
    expect(result(parse(`Run this:\n${fence('sh', 'npm test\n')}after\n${fence('js title=src/total.js', fixed)}`))).toEqual({
      'src/total.js': fixed,
    })
  })

  it('keeps line endings, byte order mark and a missing final line ending', () => {
    expect(result(parse(fence('js crlf.js', fixed)))).toEqual({ 'crlf.js': fixed.replaceAll('\n', '\r\n') })
    expect(result(parse(fence('js bom.js', fixed)))).toEqual({ 'bom.js': `\ufeff${fixed.slice(0, -1)}` })
  })

  it('creates a file that is plainly named, and not one that a sentence mentions', () => {
    expect(result(parse(fence('js title=src/new.js', 'export {}\n')))).toEqual({ 'src/new.js': 'export {}\n' })
    expect(reasonOf(parse(`You could also look at \`src/new.js\`\n${fence('js', 'export {}\n')}`))).toContain(
      'does not say which file',
    )
  })

  it('keeps a first comment that is the file’s own', () => {
    const own = `// src/own.js\n${source}`
    const reply = parseReply(fence('js', `// src/own.js\n${fixed}`), { files: ['src/own.js'], read: () => own, bytesMax: 1e5 })
    expect(result(reply)).toEqual({ 'src/own.js': `// src/own.js\n${fixed}` })
  })

  it.each([
    ['an excerpt', fence('js title=src/total.js', '  return result\n'), 'excerpt'],
    ['a file with its middle left out', fence('js title=src/total.js', "import { sum } from './sum.js'\n}\n"), 'excerpt'],
    ['a cut-off file', `\`\`\`js title=src/total.js\n${fixed}`, 'not closed'],
    ['a file with a fence inside', fence('md title=docs/x.md', '# x\n```js\na\n```\nmore\n'), 'another fence'],
    ['two blocks for one file', fence('js title=src/total.js', fixed) + fence('js title=src/Total.js', fixed), 'two blocks'],
    ['a path outside', fence('js title=/etc/passwd', 'root\n'), 'Cannot touch'],
    ['a path into .homeostat', fence('js title=.homeostat/txn/x', 'root\n'), 'Cannot touch'],
    ['the same file again', fence('js title=src/total.js', source), 'changes nothing'],
  ])('refuses %s', (_, text, reason) => {
    expect(reasonOf(parse(text))).toContain(reason)
  })

  it.each([
    '// ... existing code ...',
    '  // … rest of the code remains the same',
    '# rest of the file unchanged',
    '/* ...remaining methods... */',
    '...',
    '  …',
    '{/* ... rest of the component ... */}',
    '<!-- ... existing ... -->',
    '[... rest of the file ...]',
    '... (unchanged)',
    '// other methods ...',
    '// remaining code stays here',
    '// ...',
  ])('refuses %s for lines left out, in every form', (line) => {
    const elided = fixed.replace('  let result = 0', line)
    expect(reasonOf(parse(fence('js title=src/total.js', elided)))).toContain('leaves something out')
    expect(reasonOf(parse(`src/total.js\n${block('  return reslt\n', `${line}\n`)}`))).toContain('leaves something out')
  })

  it.each([
    '  ...existing,',
    '  [...remaining, item],',
    '  return { ...rest }',
    '  // three dots ... in the middle of a sentence',
    '  f(...args)',
    "  throw new Error('omitted...')",
    '// keeps the rest of the list',
  ])('does not take %s for lines left out', (line) => {
    expect(result(parse(`src/total.js\n${block('  return reslt\n', `${line}\n`)}`))).toEqual({
      'src/total.js': source.replace('  return reslt', line),
    })
  })

  it('does not mind elisions that were in the file before', () => {
    const before = `${source}// ... existing code ...\n`
    const reply = parseReply(fence('js title=a.js', before.replace('reslt', 'result')), {
      files: ['a.js'],
      read: () => before,
      bytesMax: 1e5,
    })
    expect(reply.kind).toBe('patch')
  })
})

describe('parseReply() without a patch', () => {
  it.each([
    ["I'm sorry, but I can't help with that.", 'refusal'],
    ['I’m sorry, I can’t assist with this request.', 'refusal'],
    ['As an AI language model, I do not write such code.', 'refusal'],
    ['I am unable to fix this.', 'refusal'],
    ['REFUSE: the test is wrong, not the code', 'refusal'],
    [`REFUSE: dangerous, but here it is\n${fence('diff', diff)}`, 'refusal'],
    ['**NEED:** src/other.js', 'request-more-info'],
    ['I cannot tell yet. Could you please share the content of src/other.js?', 'request-more-info'],
    ['I need to see the test.', 'request-more-info'],
    ['The variable is misspelt; rename it.', 'prose'],
    ['', 'prose'],
    ['```', 'prose'],
    ['```js\n\n```', 'prose'],
  ])('takes %j for what it is', (text, kind) => {
    expect(parse(text, []).kind).toBe(kind)
  })

  it('quotes a refusal in one bounded, printable line', () => {
    const reply = parse(`REFUSE: \u001b[31mno\u0007 ${'x'.repeat(5_000)}\nmore`)
    expect(reply).toEqual({ kind: 'refusal', text: expect.stringMatching(/^no� x{200,}…$/) })
  })

  it('prefers a patch to an apology', () => {
    expect(parse(`I'm sorry, I can't run it, but this should do:\n${fence('diff', diff)}`).kind).toBe('patch')
  })

  it('does not read what is too long or no text', () => {
    expect(reasonOf(parse('x'.repeat(64 * 1024 + 1)))).toContain('longer than 65536 bytes')
    expect(reasonOf(parse('é'.repeat(40_000)))).toContain('longer than 65536 bytes')
    expect(reasonOf(parse(`${diff}\0`))).toBe('the reply is not plain text')
    expect(reasonOf(parse(`${diff}\ud800`))).toBe('the reply is not plain text')
  })

  it('refuses a patch of more than 20 files', () => {
    const files = (count: number): string =>
      Array.from({ length: count }, (_, index) => fence(`js title=new/${index}.js`, 'x\n')).join('\n')
    expect(parse(files(20)).kind).toBe('patch')
    expect(reasonOf(parse(files(21)))).toContain('more than 20 files')
  })

  it('lets through errors that are not ours, and takes ours for a reason', () => {
    const failing = (error: Error) => () =>
      parseReply(fence('diff', diff), {
        files: [],
        bytesMax: 1e5,
        read: () => {
          throw error
        },
      })
    expect(failing(new TypeError('broken'))).toThrow('broken')
    expect(reasonOf(failing(new HomeostatError('HS_PATH_REFUSED', { path: 'x', reason: 'it is there' }))())).toContain(
      'it is there',
    )
  })

  it('never throws, and gives only edits that fit', () => {
    const piece = fc.constantFrom(
      '```diff',
      '```',
      '~~~',
      '```js title=src/total.js',
      'src/total.js',
      '<<<<<<< SEARCH',
      '=======',
      '>>>>>>> REPLACE',
      '--- a/src/total.js',
      '+++ b/src/total.js',
      'diff --git a/x b/x',
      '@@ -1 +1 @@',
      '@@',
      hunk,
      '-  return reslt',
      '+x',
      ' }',
      '',
      fixed,
      '\\ No newline at end of file',
      'I cannot',
      '...',
    )
    fc.assert(
      fc.property(fc.array(fc.oneof({ weight: 5, arbitrary: piece }, fc.string()), { maxLength: 25 }), (pieces) => {
        const reply = parse(pieces.join('\n'), ['src/total.js'])
        if (reply.kind !== 'patch') return
        for (const { path, before, after, baseHash } of reply.edits) {
          expect(before ?? undefined).toBe(read(path))
          expect(after).not.toBe(before)
          expect(baseHash).toBe(before === null ? null : sha256(before))
        }
      }),
      { numRuns: 1_000 },
    )
  })

  it.each([
    ['one line', 'a'.repeat(1e6)],
    ['blank lines', '\n'.repeat(1e6)],
    ['spaces', ' '.repeat(1e6)],
    ['fences', '```\n'.repeat(250_000)],
    ['search marks', '<<<<<<< SEARCH\n'.repeat(60_000)],
    ['empty blocks', 'a.js\n<<<<<<< SEARCH\n=======\n>>>>>>> REPLACE\n'.repeat(20_000)],
    ['diff beginnings', '--- a\n+++ a\n'.repeat(80_000)],
    ['hunks', `--- a/a\n+++ b/a\n${'@@ -1 +1 @@\n-a\n+b\n'.repeat(50_000)}`],
    ['marks in a line', '`*_'.repeat(300_000)],
    ['dots', '// ...\n'.repeat(140_000)],
  ])('stays quick on a megabyte of %s', (_, text) => {
    const startedMs = performance.now()
    parseReply(text, { files: ['a.js'], read, bytesMax: 2e6 })
    expect(performance.now() - startedMs).toBeLessThan(4_000)
  })
})

/** Git's name of a text, as an "index" line begins it. */
function sha1Of(text: string): string {
  return createHash('sha1')
    .update(`blob ${Buffer.byteLength(text)}\0${text}`)
    .digest('hex')
    .slice(0, 7)
}
