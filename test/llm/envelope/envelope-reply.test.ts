import fc from 'fast-check'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { parseEnvelopeReply, type EnvelopeReply } from '../../../src/llm/envelope/envelope-reply.js'
import { createEnvelopeRequest, type EnvelopeRequest } from '../../../src/llm/envelope/envelope-request.js'
import type { EnvelopeInput } from '../../../src/llm/envelope/envelope-schema.js'
import type { ProtocolProblemCode } from '../../../src/llm/envelope/protocol-problem.js'
import { editsFromDiff } from '../../../src/patch/apply-diff.js'
import { redactedMark } from '../../../src/repair/model/redact.js'

const diff =
  '--- a/src/total.js\n+++ b/src/total.js\n@@ -1,3 +1,3 @@\n export function total(items) {\n-  return reslt\n+  return result\n }\n'
const request = (constraints: EnvelopeInput['constraints'] = {}, output = ''): EnvelopeRequest =>
  createEnvelopeRequest({ requestId: 'id-1', epochMs: 0, error: { message: 'reslt is not defined' }, output, constraints })
const patch = (members: Readonly<Record<string, unknown>> = {}): string =>
  JSON.stringify({ version: 1, intent: 'patch', patch: diff, ...members })
const fence = (info: string, text: string): string => `\`\`\`${info}\n${text}\n\`\`\``
const problemOf = (reply: EnvelopeReply): string =>
  reply.intent === 'other' ? reply.problem.code : `no problem but ${reply.intent}`
const diffOf = (reply: EnvelopeReply): string => (reply.intent === 'patch' ? reply.diff : problemOf(reply))
/** A diff that adds one line to a file. */
const adding = (line: string, path = 'src/a.js'): string => `--- a/${path}\n+++ b/${path}\n@@ -1 +1,2 @@\n a\n+${line}\n`

describe('parseEnvelopeReply()', () => {
  it('reads a patch with what is said about it', () => {
    const asked = request()
    const members = {
      requestHash: asked.hash,
      explanation: 'It was misspelt',
      confidence: 0.9,
      risks: ['none\u001b[31m'],
      alternatives: ['rename it'],
    }
    expect(parseEnvelopeReply(patch(members), { request: asked })).toEqual({
      intent: 'patch',
      form: 'json',
      diff,
      files: [expect.objectContaining({ kind: 'modify', newPath: 'src/total.js' })],
      linesChanged: 2,
      explanation: 'It was misspelt',
      confidence: 0.9,
      risks: ['none'],
      alternatives: ['rename it'],
    })
    expectTypeOf<EnvelopeReply['intent']>().toEqualTypeOf<'patch' | 'request-more-info' | 'refusal' | 'other'>()
  })

  it.each([
    ['JSON alone', patch()],
    ['JSON with white space and a byte order mark', `\ufeff\n${JSON.stringify(JSON.parse(patch()), null, 2)}\n`],
    ['JSON in a fence, with talk', `Here it is:\n\n${fence('json', patch())}\nDone.`],
    ['JSON in a fence without a language', fence('', patch())],
    ['JSON without a version', patch({ version: undefined })],
    ['JSON with members of a later version', patch({ model: 'x', constructor: {} })],
    ['a diff in a fence inside JSON', patch({ patch: fence('diff', diff) })],
    ['a diff with CR LF', patch({ patch: diff.replaceAll('\n', '\r\n') })],
    ['a diff without a line ending', patch({ patch: diff.trimEnd() })],
    ['a diff with wrong counts', patch({ patch: diff.replace('-1,3 +1,3', '-1,9 +1,4') })],
    ['what cannot be wrong about it', patch({ confidence: 95, risks: 'none', explanation: 3, alternatives: [1] })],
    ['a fenced diff', `The name is wrong.\n\n${fence('diff', diff)}\n`],
    ['a fenced diff beside a quoted file', `${fence('json', '{"name":"x"}')}\n${fence('diff', diff)}\n`],
  ])('reads %s', (_, text) => {
    expect(diffOf(parseEnvelopeReply(text))).toBe(diff)
  })

  it('joins the diffs of several fences', () => {
    const reply = parseEnvelopeReply(`${fence('diff', diff)}\nand\n${fence('diff', adding('b').trimEnd())}`)
    expect(reply).toMatchObject({ intent: 'patch', form: 'fenced-diff', linesChanged: 3, confidence: undefined })
  })

  it.each([
    ['JSON', '{"intent":"refusal","reason":"The test\\nis right"}', { intent: 'refusal', reason: 'The test is right' }],
    ['the word', 'REFUSE: the test is right', { intent: 'refusal', reason: 'the test is right' }],
    ['talk', 'I cannot help with that.', { intent: 'refusal', reason: 'I cannot help with that.' }],
    ['JSON with a patch', patch({ intent: 'refusal', reason: 'no' }), { intent: 'refusal', reason: 'no' }],
  ])('reads a refusal in %s', (_, text, reply) => {
    expect(parseEnvelopeReply(text)).toEqual(reply)
  })

  it.each([
    ['JSON', '{"intent":"request-more-info","questions":["What is in b.js?"]}', ['What is in b.js?']],
    ['the word', 'NEED: b.js', ['b.js']],
    ['talk', 'Could you please share b.js?', ['Could you please share b.js?']],
  ])('reads a question in %s', (_, text, questions) => {
    expect(parseEnvelopeReply(text)).toEqual({ intent: 'request-more-info', questions })
  })

  it('bounds every text but the diff', () => {
    const reply = parseEnvelopeReply(
      patch({ explanation: 'x'.repeat(9_000), risks: Array.from({ length: 99 }, () => 'y'.repeat(999)) }),
    )
    if (reply.intent !== 'patch') throw new Error('it is a patch')
    expect(reply.explanation).toHaveLength(2_000)
    expect(reply.risks).toHaveLength(10)
    expect(reply.risks[0]).toHaveLength(300)
    const more = parseEnvelopeReply(
      JSON.stringify({ intent: 'request-more-info', questions: Array.from({ length: 99 }, () => '?') }),
    )
    expect(more).toEqual({ intent: 'request-more-info', questions: Array.from({ length: 10 }, () => '?') })
  })

  it.each<[ProtocolProblemCode, unknown]>([
    ['reply-not-text', 7],
    ['reply-not-text', undefined],
    ['reply-not-text', 'a\0b'],
    ['reply-not-text', '\ud800'],
    ['reply-too-long', 'x'.repeat(10_000_000)],
    ['reply-too-long', '😀'.repeat(300_000)],
    ['reply-empty', ' \n'],
    ['reply-cut', `\`\`\`diff\n${diff}`],
    ['reply-cut', '```json\n{"intent":"refusal","reason":"a"}'],
    ['reply-mixed', `${fence('json', patch())}\n${fence('diff', diff)}`],
    ['reply-mixed', `${fence('json', patch())}\n${fence('json', patch())}`],
    ['diff-malformed', fence('diff', 'reslt')],
    ['content-refused', patch({ patch: 'diff --git a/l b/l\nold mode 100644\nnew mode 160000\n' })],
    ['path-refused', patch({ patch: 'diff --git a/l b/../l\nsimilarity index 100%\nrename from l\nrename to ../l\n' })],
    ['path-refused', patch({ patch: '--- /dev/null\n+++ b/nul\n@@ -0,0 +1 @@\n+a\n' })],
    ['schema-mismatch', '{"intent":"refusal"}'],
    ['json-malformed', patch().slice(0, -3)],
    ['json-malformed', fence('json', '{"intent":"patch",}')],
    ['json-malformed', `{"intent":${'['.repeat(500_000)}`],
    ['schema-mismatch', '{"a":1}'],
    ['schema-mismatch', patch({ intent: 'other' })],
    ['schema-mismatch', patch({ intent: 'PATCH' })],
    ['schema-mismatch', patch({ patch: 7 })],
    ['schema-mismatch', patch({ patch: '' })],
    ['schema-mismatch', '{"intent":"request-more-info","questions":[]}'],
    ['schema-mismatch', `{"__proto__":{"intent":"patch"},"intent":"patch","patch":"x"}`],
    ['schema-mismatch', '{"__proto__":{"intent":"refusal","reason":"a"}}'],
    ['version-unknown', patch({ version: 2 })],
    ['version-unknown', patch({ version: '1' })],
    ['no-patch', 'Change reslt to result.'],
    ['no-patch', diff],
    ['no-patch', fence('js', 'result')],
    ['diff-malformed', patch({ patch: 'Change reslt to result.' })],
    ['diff-malformed', patch({ patch: diff.replace('--- a', '--- /etc\n--- a') })],
    ['diff-malformed', patch({ patch: diff.replace(' }\n', 'oops\n') })],
    ['diff-empty', patch({ patch: '\n' })],
    ['path-refused', patch({ patch: adding('b', '../a.js') })],
    ['path-refused', patch({ patch: adding('b', '.git/hooks/pre-commit') })],
    ['path-refused', patch({ patch: '--- a//etc/passwd\n+++ b//etc/passwd\n@@ -1 +1,2 @@\n a\n+b\n' })],
    [
      'content-refused',
      patch({ patch: 'diff --git a/l b/l\nnew file mode 120000\n--- /dev/null\n+++ b/l\n@@ -0,0 +1 @@\n+/etc/passwd\n' }),
    ],
    ['content-refused', patch({ patch: 'diff --git a/l b/l\nindex 1234567..7654321 100644\nBinary files a/l and b/l differ\n' })],
    ['control-characters', patch({ patch: adding('a\u001b[2J') })],
    ['control-characters', patch({ patch: adding('a \u202e b') })],
    ['control-characters', patch({ patch: adding('a\rb') })],
    ['text-covered', patch({ patch: adding(redactedMark) })],
    ['patch-too-large', patch({ patch: Array.from({ length: 21 }, (_, n) => adding('b', `f${n}`)).join('') })],
  ])('refuses with %s', (code, text) => {
    const reply = parseEnvelopeReply(text)
    expect(problemOf(reply)).toBe(code)
    if (reply.intent !== 'other') return
    expect(reply.problem.message).not.toBe('')
    expect(reply.problem.message.length).toBeLessThanOrEqual(300)
    expect(Object.isFrozen(reply.problem)).toBe(true)
    expect(reply.problem.recoverable).toBe(code !== 'path-refused' && code !== 'content-refused')
  })

  it.each<[ProtocolProblemCode, EnvelopeInput['constraints'], string]>([
    ['patch-too-large', { linesChangedMax: 1 }, patch()],
    ['text-disallowed', { disallowed: ['EVAL('] }, patch({ patch: adding('x = eval(y)') })],
    ['path-disallowed', { paths: ['src/b.js'] }, patch()],
    ['path-disallowed', { paths: ['src/b.js'] }, patch({ patch: '--- a/a\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n' })],
    ['request-mismatch', {}, patch({ requestHash: '0'.repeat(64) })],
    ['text-covered', {}, patch({ patch: adding('mail to __HOMEOSTAT_EMAIL_1__') })],
  ])('holds a reply to its request: %s', (code, constraints, text) => {
    expect(problemOf(parseEnvelopeReply(text, { request: request(constraints) }))).toBe(code)
    expect(parseEnvelopeReply(text).intent).toBe('patch')
  })

  it('allows what is disallowed where it goes away or stays', () => {
    const removing = '--- a/a.js\n+++ b/a.js\n@@ -1,2 +1 @@\n eval(1)\n-eval(2)\n'
    expect(parseEnvelopeReply(patch({ patch: removing }), { request: request({ disallowed: ['eval('] }) }).intent).toBe('patch')
    expect(parseEnvelopeReply(patch(), { request: request({ paths: ['src/total.js'] }) }).intent).toBe('patch')
    expect(parseEnvelopeReply(patch({ patch: adding('page\fbreak') })).intent).toBe('patch')
  })

  it('puts back what placeholders stand for, in the diff only', () => {
    const asked = request({}, 'jo@example.org')
    const reply = parseEnvelopeReply(
      patch({ patch: adding("const to = '__HOMEOSTAT_EMAIL_1__'"), explanation: 'for __HOMEOSTAT_EMAIL_1__' }),
      { request: asked },
    )
    expect(diffOf(reply)).toContain("+const to = 'jo@example.org'\n")
    expect(reply).toMatchObject({ explanation: 'for __HOMEOSTAT_EMAIL_1__' })
  })

  it('gives a diff that fits the file, where the model only saw placeholders', () => {
    const text = "const to = 'jo@example.org'\nconst from = '203.0.113.7'\nsend(form, to)\n"
    const asked = createEnvelopeRequest({
      requestId: 'id-1',
      epochMs: 0,
      error: { message: 'form is not defined' },
      files: [{ path: 'a.js', text }],
    })
    const seen = (asked.document.context.files[0]?.text ?? '').split('\n')
    expect(seen[0]).toBe("const to = '__HOMEOSTAT_EMAIL_1__'")
    const hunk = `@@ -1,3 +1,3 @@\n ${seen[0]}\n ${seen[1]}\n-${seen[2]}\n+send(from, to)\n`
    const reply = parseEnvelopeReply(patch({ patch: `--- a/a.js\n+++ b/a.js\n${hunk}` }), { request: asked })
    if (reply.intent !== 'patch') throw new Error(problemOf(reply))
    const [edit] = editsFromDiff(reply.files, () => text)
    expect(edit).toMatchObject({ path: 'a.js', before: text, after: text.replace('send(form', 'send(from') })
  })

  it('answers whatever it is given, never throws, and reaches no prototype', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 10 }),
      fc.constantFrom(
        '```',
        '```diff\n',
        '```json\n',
        '{',
        '}',
        '"intent"',
        ':',
        '"patch"',
        '"__proto__"',
        ',',
        '\n',
        diff,
        '@@ -1 +1 @@\n',
        '--- a/x\n',
        '+++ b/x\n',
        '+',
        '-',
        'REFUSE',
      ),
    )
    const json = fc.jsonValue().chain((value) =>
      fc.record({
        intent: fc.constantFrom('patch', 'refusal', 'request-more-info', 'x'),
        patch: fc.constantFrom(diff, value),
        reason: fc.constant(value),
        questions: fc.constant(value),
      }),
    )
    const asked = request()
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join('')),
          json.map((value) => JSON.stringify(value)),
          fc.anything(),
        ),
        (text) => {
          const reply = parseEnvelopeReply(text, { request: asked })
          expect(['patch', 'refusal', 'request-more-info', 'other']).toContain(reply.intent)
          expect(Object.hasOwn(Object.prototype, 'intent')).toBe(false)
        },
      ),
      { numRuns: 200 },
    )
  })

  it.each([
    '```diff\n',
    '{"intent":',
    '--- a/x\n+++ b/x\n',
    '@@ -1 +1 @@\n',
    '[',
    '```json\n{\n```\n',
    '```diff\n+\n```\n```json\n{}\n```\n',
    ' ',
    '\n+',
  ])('stays quick on a megabyte of %j', (piece) => {
    const text = piece.repeat(Math.floor((1024 * 1024) / piece.length))
    const startedMs = performance.now()
    expect(parseEnvelopeReply(text).intent).toBe('other')
    expect(parseEnvelopeReply(patch({ patch: text.slice(0, 500_000) })).intent).toBe('other')
    expect(performance.now() - startedMs).toBeLessThan(4_000)
  })
})
