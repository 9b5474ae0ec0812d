import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { run } from '../../src/cli/run.js'
import type { HealingResult, SecurityAudit } from '../../src/index.js'
import { fakeTerminal } from './fake-terminal.js'

let root: string
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'cli-')))
})
afterEach(() => {
  rmSync(root, { recursive: true, force: true })
})

const node = process.execPath
const diff = (from: string, to: string): string => `--- a/a.txt\n+++ b/a.txt\n@@ -1 +1 @@\n-${from}\n+${to}\n`

async function homeostat(argv: readonly string[], options: Omit<Parameters<typeof fakeTerminal>[0], 'cwd'> = {}) {
  const terminal = fakeTerminal({ cwd: root, ...options })
  const code = await run(argv, terminal)
  return { code, out: terminal.printed(), err: terminal.told() }
}

describe('homeostat', () => {
  it('explains itself, and calls wrong use wrong', async () => {
    expect(await homeostat(['--help'])).toMatchObject({ code: 0, out: expect.stringContaining('homeostat heal'), err: '' })
    expect(await homeostat(['heal', '--help'])).toMatchObject({ code: 0, out: expect.stringContaining('homeostat heal') })
    expect(await homeostat([])).toMatchObject({ code: 2, out: '', err: expect.stringContaining('homeostat heal') })
    expect(await homeostat(['hael'])).toMatchObject({ code: 2, err: expect.stringContaining('no such command') })
    expect(await homeostat(['constructor'])).toMatchObject({ code: 2 })
    expect(await homeostat(['heal', '--frobnicate', '--', 'true'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('--frobnicate'),
    })
    expect(await homeostat(['journal', 'show', 'one', 'more'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('"more" is one word too many'),
    })
  })

  it('prints one JSON document for an error, too', async () => {
    const { code, out } = await homeostat(['heal', '--json', '--cwd', 'nowhere', '--', 'true'])
    expect(code).toBe(2)
    expect(JSON.parse(out)).toMatchObject({ error: { code: 'HS_FOLDER_MISSING', retryable: false } })
  })
})

describe('homeostat heal', () => {
  it('wants a command, known words and a folder that is there', async () => {
    expect(await homeostat(['heal'])).toMatchObject({ code: 2, err: expect.stringContaining('HS_INPUT_INVALID') })
    expect(await homeostat(['heal', 'npm', 'test'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('homeostat heal -- npm test'),
    })
    expect(await homeostat(['heal', '--autonomy', 'always', '--', 'true'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('observe, propose, apply'),
    })
    expect(await homeostat(['heal', '--cwd', 'nowhere', '--', 'true'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('HS_FOLDER_MISSING'),
    })
  })

  it('is content with a command that passes, and leaves no trace', async () => {
    const { code, out } = await homeostat(['heal', '--json', '--', node, '-e', '0'])
    expect(code).toBe(0)
    expect((JSON.parse(out) as HealingResult).outcome).toBe('healthy')
    expect(existsSync(join(root, '.homeostat'))).toBe(false)
  })

  it('escalates a command that does not exist', async () => {
    const { code, out } = await homeostat(['heal', '--json', '--', 'no-such-program-anywhere'])
    expect(code).toBe(1)
    expect(JSON.parse(out)).toMatchObject({ outcome: 'escalated', fault: { code: expect.stringContaining('NOT_FOUND') } })
  })

  it('asks on a terminal, applies on yes and not on no', async () => {
    writeFileSync(join(root, 'data.json'), '{ "a": 1, }\n')
    const heal = ['heal', '--', node, '-e', "JSON.parse(require('fs').readFileSync('data.json', 'utf8'))"]
    const refused = await homeostat(heal, { interactive: true, answer: false })
    expect(refused.code, refused.err).toBe(1)
    expect(readFileSync(join(root, 'data.json'), 'utf8')).toBe('{ "a": 1, }\n')
    const accepted = await homeostat(heal, { interactive: true, answer: true, colour: true })
    expect(accepted.code, accepted.err).toBe(0)
    expect(accepted.err).toContain('\u001b[')
    expect(readFileSync(join(root, 'data.json'), 'utf8')).toBe('{ "a": 1 }\n')
  })

  it('only proposes where nobody can be asked, in plain text', async () => {
    writeFileSync(join(root, 'data.json'), '{ "a": 1, }\n')
    const { code, out, err } = await homeostat([
      'heal',
      '--',
      node,
      '-e',
      "JSON.parse(require('fs').readFileSync('data.json', 'utf8'))",
    ])
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toContain('proposed')
    expect(err).not.toContain('\u001b[')
    expect(readFileSync(join(root, 'data.json'), 'utf8')).toBe('{ "a": 1, }\n')
  })

  it('remembers in the project what it healed there, and only where it has written anyway', async () => {
    const heal = ['heal', '--autonomy', 'apply', '--', node, '-e', "JSON.parse(require('fs').readFileSync('data.json', 'utf8'))"]
    writeFileSync(join(root, 'data.json'), '{ "a": oops }\n')
    await homeostat(['heal', '--', node, '-e', 'process.exit(3)'])
    expect(existsSync(join(root, '.homeostat'))).toBe(false)

    writeFileSync(join(root, 'data.json'), '{ "a": 1, }\n')
    expect((await homeostat(heal)).code).toBe(0)
    const learnt = await homeostat(['patterns', 'metrics', '--json'])
    expect(JSON.parse(learnt.out)).toMatchObject({ successRatio: 1 })
    writeFileSync(join(root, 'data.json'), '{ "a": 1, }\n')
    const again = await homeostat(heal)
    expect(again.err).toContain('(learnt)')
    expect((await homeostat(['patterns', 'search', 'JSON'])).out).toContain('json-syntax')

    // What a person takes back did not work.
    expect((await homeostat(['rollback'])).code).toBe(0)
    expect(JSON.parse((await homeostat(['patterns', 'metrics', '--json'])).out)).toMatchObject({ successRatio: 2 / 3 })
  })

  it('takes the policy from the configuration file, and refuses a wrong one with the nearest name', async () => {
    writeFileSync(join(root, 'homeostat.config.json'), '{ "heal": { "attemtsMax": 3 } }')
    expect(await homeostat(['heal', '--', node, '-e', '0'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('attemptsMax'),
    })
  })
})

describe('homeostat classify', () => {
  it('reads a file, standard input, and nothing at all', async () => {
    writeFileSync(join(root, 'out.log'), "Error: Cannot find module 'lodash'\n")
    expect(await homeostat(['classify', 'out.log', '--exit-code', '1'])).toMatchObject({
      code: 0,
      out: expect.stringContaining('dependency'),
    })
    const piped = await homeostat(['classify', '-', '--json', '--command', 'node a.js'], {
      input: 'Error: connect ECONNREFUSED 127.0.0.1:5432\n',
    })
    expect(JSON.parse(piped.out)).toMatchObject([{ category: 'network', transient: true }])
    expect(await homeostat(['classify'], { input: '' })).toMatchObject({ code: 0, out: 'nothing is wrong\n' })
  })

  it('refuses what it cannot read', async () => {
    expect(await homeostat(['classify', 'missing.log'])).toMatchObject({ code: 2, err: expect.stringContaining('missing.log') })
    expect(await homeostat(['classify', '--exit-code', '-1'])).toMatchObject({ code: 2 })
    expect(await homeostat(['classify', '--exit-code', '256'], { input: 'x' })).toMatchObject({
      code: 2,
      err: expect.stringContaining('0 to 255'),
    })
    expect(await homeostat(['classify'], { interactive: true })).toMatchObject({
      code: 2,
      err: expect.stringContaining('name a file'),
    })
  })
})

describe('homeostat audit', () => {
  it('answers by its exit code', async () => {
    writeFileSync(join(root, 'a.txt'), 'one\n')
    expect(await homeostat(['audit'], { input: diff('one', 'two') })).toMatchObject({
      code: 0,
      out: expect.stringContaining('allow'),
    })
    const blocked = await homeostat(['audit', '--json'], { input: '--- a/../../x\n+++ b/../../x\n@@ -1 +1 @@\n-a\n+b\n' })
    expect(blocked.code).toBe(4)
    expect((JSON.parse(blocked.out) as SecurityAudit).verdict).toBe('block')
    expect(
      await homeostat(['audit'], { input: '--- a/run.js\n+++ b/run.js\n@@ -0,0 +1 @@\n+eval(process.argv[2])\n' }),
    ).toMatchObject({ code: 3, out: expect.stringContaining('CODE-EVAL') })
  })
})

describe('homeostat apply, journal and rollback', () => {
  const path = (): string => join(root, 'a.txt')
  beforeEach(() => {
    writeFileSync(path(), 'one\n')
  })

  it('applies a diff that its command confirms, lists it, and takes it back', async () => {
    const check = [node, '-e', "if (!require('fs').readFileSync('a.txt', 'utf8').includes('two')) process.exit(1)"]
    const applied = await homeostat(['apply', '--json', '--reason', 'ticket 42', '--', ...check], { input: diff('one', 'two') })
    expect(applied.code, applied.err).toBe(0)
    expect(readFileSync(path(), 'utf8')).toBe('two\n')
    const { transactionId } = JSON.parse(applied.out) as { transactionId: string }
    expect(await homeostat(['journal'])).toMatchObject({ code: 0, out: expect.stringContaining(transactionId) })
    expect(JSON.parse((await homeostat(['journal', '--json'])).out)).toMatchObject([
      { id: transactionId, state: 'applied', reason: 'ticket 42', paths: ['a.txt'] },
    ])
    expect(await homeostat(['rollback', transactionId])).toMatchObject({ code: 0, out: expect.stringContaining('rolled back') })
    expect(readFileSync(path(), 'utf8')).toBe('one\n')
    expect(await homeostat(['journal', 'recover'])).toMatchObject({ code: 0, out: 'nothing was left half-done\n' })
  })

  it('shows how a transaction came about, with its diff', async () => {
    await homeostat(['apply', '--reason', 'ticket 42', '--', node, '-e', '0'], { input: diff('one', 'two') })
    const given = await homeostat(['journal', 'show'])
    expect(given).toMatchObject({ code: 0, out: expect.stringMatching(/why +ticket 42\n[^]*\n-one\n\+two\n/) })
    expect(given.out).not.toContain('\u001b[')

    writeFileSync(join(root, 'data.json'), '{ "a": 1, }\n')
    const command = [node, '-e', "JSON.parse(require('fs').readFileSync('data.json', 'utf8'))"]
    await homeostat(['heal', '--autonomy', 'apply', '--', ...command])
    const healed = await homeostat(['journal', 'show'])
    for (const line of [
      /fault +JSON_SYNTAX/,
      /attempt +Remove the trailing comma.*solved/,
      /decision +promote/,
      /^\+\{ "a": 1 \}$/m,
    ])
      expect(healed.out).toMatch(line)
    expect(healed.out).not.toContain('changed since it was written')
    expect((await homeostat(['journal', 'show'], { colour: true })).out).toContain('\u001b[32m+{ "a": 1 }')

    const [{ id = '' } = {}] = JSON.parse((await homeostat(['journal', '--json'])).out) as { id?: string }[]
    const story = join(root, '.homeostat', 'txn', id, 'story')
    writeFileSync(story, readFileSync(story, 'utf8').replace('JSON_SYNTAX', 'JSON_SYNTAZ'))
    expect((await homeostat(['journal', 'show', id])).out).toContain('changed since it was written')
    writeFileSync(story, 'rubbish')
    expect((await homeostat(['journal', 'show', id])).out).not.toContain('session')
    expect(JSON.parse((await homeostat(['journal', 'show', id, '--json'])).out)).toMatchObject({ id, state: 'applied' })
  })

  it('applies nothing that is blocked, unvalidated, malformed or not confirmed', async () => {
    const pass = ['--', node, '-e', '0']
    const fail = ['--', node, '-e', 'process.exit(1)']
    const cases = [
      { argv: ['apply', ...fail], input: diff('one', 'two'), code: 1, error: 'HS_VALIDATION_FAILED' },
      { argv: ['apply'], input: diff('one', 'two'), code: 1, error: 'HS_VALIDATION_FAILED' },
      { argv: ['apply', ...pass], input: diff('three', 'two'), code: 1, error: 'HS_PATCH_CONFLICT' },
      { argv: ['apply', ...pass], input: 'rubbish', code: 2, error: 'HS_PATCH_MALFORMED' },
      { argv: ['apply', ...pass], input: '--- a/../x\n+++ b/../x\n@@ -0,0 +1 @@\n+a\n', code: 1, error: 'HS_AUDIT_BLOCKED' },
      {
        argv: ['apply', ...pass],
        input: '--- /dev/null\n+++ b/run.js\n@@ -0,0 +1 @@\n+eval(process.argv[2])\n',
        code: 1,
        error: 'HS_APPROVAL_MISSING',
      },
    ]
    for (const { argv, input, code, error } of cases) {
      const result = await homeostat(argv, { input })
      expect({ code: result.code, err: result.err }).toEqual({ code, err: expect.stringContaining(error) })
      expect(readFileSync(path(), 'utf8')).toBe('one\n')
    }
    expect(existsSync(join(root, 'run.js'))).toBe(false)
  })

  it('accepts by rule what a person has looked at', async () => {
    const input = '--- /dev/null\n+++ b/run.js\n@@ -0,0 +1 @@\n+eval(process.argv[2])\n'
    const audit = JSON.parse((await homeostat(['audit', '--json'], { input })).out) as SecurityAudit
    const accept = audit.findings.flatMap(({ rule }) => ['--accept', rule])
    const applied = await homeostat(['apply', ...accept, '--', node, '-e', '0'], { input })
    expect(applied.code, applied.err).toBe(0)
    expect(existsSync(join(root, 'run.js'))).toBe(true)
    expect((await homeostat(['rollback'])).code).toBe(0)
    expect(existsSync(join(root, 'run.js'))).toBe(false)
  })

  it('does not roll back over what someone changed since, unless forced', async () => {
    expect((await homeostat(['apply', '--', node, '-e', '0'], { input: diff('one', 'two') })).code).toBe(0)
    writeFileSync(path(), 'mine\n')
    expect(await homeostat(['rollback'])).toMatchObject({ code: 1, out: expect.stringContaining('a.txt') })
    expect(readFileSync(path(), 'utf8')).toBe('mine\n')
    expect((await homeostat(['rollback', '--force', '--json'])).code).toBe(0)
    expect(readFileSync(path(), 'utf8')).toBe('one\n')
  })

  it('knows only transactions that there are, and only three verbs', async () => {
    expect(await homeostat(['rollback', 'tx-404'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('HS_TRANSACTION_UNKNOWN'),
    })
    expect(await homeostat(['journal'])).toMatchObject({ code: 0, out: 'no transactions\n' })
    expect(await homeostat(['journal', 'show'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('HS_TRANSACTION_UNKNOWN'),
    })
    expect(await homeostat(['journal', 'erase'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('list, show [ID] or recover'),
    })
    expect(JSON.parse((await homeostat(['journal', 'recover', '--json'])).out)).toEqual([])
  })
})

describe('homeostat policy check', () => {
  it('prints the policy with its defaults, and where it comes from', async () => {
    const alone = await homeostat(['policy', 'check'])
    expect(alone).toMatchObject({ code: 0, err: expect.stringContaining('defaults') })
    expect(JSON.parse(alone.out)).toMatchObject({ preset: 'mid-tier', autonomy: 'propose' })
    writeFileSync(join(root, 'homeostat.config.json'), '{ "preset": "sota" }')
    expect(
      JSON.parse((await homeostat(['policy', 'check'], { environment: { HOMEOSTAT_AUTONOMY: 'apply' } })).out),
    ).toMatchObject({ preset: 'sota', autonomy: 'apply' })
  })

  it('refuses a wrong policy with path, value, range and the nearest name', async () => {
    writeFileSync(join(root, 'wrong.json'), '{ "guard": { "retry": { "atemptsMax": 3 } } }')
    const { code, err, out } = await homeostat(['policy', 'check', 'wrong.json', '--json'])
    expect(code).toBe(1)
    expect(err).toMatch(/guard\.retry\.atemptsMax.*attemptsMax/s)
    expect(JSON.parse(out)).toMatchObject({ error: { code: 'HS_POLICY_INVALID' } })
    expect(await homeostat(['policy'])).toMatchObject({ code: 2 })
    expect(await homeostat(['policy', 'chek'])).toMatchObject({ code: 2 })
    expect(await homeostat(['policy', 'check', 'missing.json'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('HS_CONFIG_UNREADABLE'),
    })
  })
})

describe('homeostat doctor', () => {
  it('tells what works on this machine', async () => {
    const { code, out } = await homeostat(['doctor'])
    expect(out).toMatch(/node/)
    expect(code, out).toBe(0)
    expect(JSON.parse((await homeostat(['doctor', '--json'])).out)).toMatchObject({ ok: true })
  })
})

describe('homeostat on a broken world', () => {
  it('shows a broken journal for what it is and touches nothing', async () => {
    mkdirSync(join(root, '.homeostat', 'txn', 'x'), { recursive: true })
    writeFileSync(join(root, '.homeostat', 'txn', 'x', 'committed'), 'not JSON')
    chmodSync(join(root, '.homeostat'), 0o700)
    const { code, err, out } = await homeostat(['journal'])
    expect([code, err + out]).not.toEqual([0, ''])
    expect(readFileSync(join(root, '.homeostat', 'txn', 'x', 'committed'), 'utf8')).toBe('not JSON')
  })
})
