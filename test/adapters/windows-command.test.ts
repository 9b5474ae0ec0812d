import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { windowsInvocation } from '../../src/adapters/windows-command.js'
import { isHomeostatError } from '../../src/core/errors.js'

const env = { Path: 'C:\\tools;C:\\node', PATHEXT: '.COM;.EXE;.BAT;.CMD', SystemRoot: 'C:\\Windows' }
const files = new Set(
  [
    'C:\\node\\node.exe',
    'C:\\node\\npm.cmd',
    'C:\\tools\\both.cmd',
    'C:\\node\\both.exe',
    'D:\\work\\run.bat',
    'D:\\work\\bin\\tool.cmd',
  ].map((path) => path.toLowerCase()),
)
const start = (...command: [string, ...string[]]) =>
  windowsInvocation(command, { env, cwd: 'D:\\work', isFile: (path) => files.has(path.toLowerCase()) })

describe('windowsInvocation()', () => {
  it('starts programs as they are', () => {
    expect(start('node', '-e', 'a "b" %PATH%')).toEqual({
      file: 'C:\\node\\node.EXE',
      args: ['-e', 'a "b" %PATH%'],
      verbatim: false,
    })
    expect(start('node.exe')).toMatchObject({ file: 'C:\\node\\node.exe' })
  })

  it('leaves a name that it cannot find to the system', () => {
    expect(start('missing', 'x')).toEqual({ file: 'missing', args: ['x'], verbatim: false })
  })

  it('hands a batch file to cmd.exe, each word in quotes', () => {
    expect(start('npm', 'test', 'a & b', 'c:\\d\\', '')).toEqual({
      file: 'C:\\Windows\\System32\\cmd.exe',
      args: ['/d', '/s', '/v:off', '/c', '""C:\\node\\npm.CMD" "test" "a & b" "c:\\d\\\\" """'],
      verbatim: true,
    })
    expect(start('.\\bin\\tool').args.at(-1)).toBe('""D:\\work\\bin\\tool.CMD""')
    expect(start('run').args.at(-1)).toBe('""D:\\work\\run.BAT""')
  })

  it('takes the first folder of the PATH, as the system does', () => {
    expect(start('both').args.at(-1)).toContain('C:\\tools\\both.CMD')
  })

  it('does without an environment', () => {
    const bare = windowsInvocation(['run'], { env: {}, cwd: 'D:\\work', isFile: (path) => files.has(path.toLowerCase()) })
    expect(bare).toMatchObject({ file: 'cmd.exe', verbatim: true })
  })

  it('refuses words that cmd.exe would read again', () => {
    for (const word of ['%PATH%', '"', 'a"&calc&"', '!x!', 'a\nb', 'a\rb', '\0']) {
      expect(() => start('npm', 'run', word)).toThrow(
        expect.toSatisfy((error: unknown) => isHomeostatError(error, 'HS_INPUT_INVALID')),
      )
    }
  })

  it('never lets a word out of its quotes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: fc.constantFrom('a', '\\', '&', '|', '<', '>', '^', ' ', '(', ')') }), { maxLength: 4 }),
        (words) => {
          const line = start('npm', ...words).args.at(-1) ?? ''
          // Between the outer quotes: quoted words and single spaces, nothing else.
          expect(line).toMatch(/^"(?:"[^"]*"(?: (?=")|(?="$)))+"$/)
        },
      ),
    )
  })
})
