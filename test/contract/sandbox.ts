import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { isHomeostatError, type ErrorCode } from '../../src/core/errors.js'
import type { Sandbox, SandboxCopy } from '../../src/core/ports.js'
import { temporaryFolder, type Planted } from '../adapters/temporary.js'
import { script } from './command-runner.js'

const limits = { timeoutMs: 10_000, outputBytesMax: 10_000 }
const project: Readonly<Record<string, Planted>> = {
  'package.json': '{"name":"shop"}',
  'src/a.js': 'export const a = 1\n',
  'bin/tool.sh': { text: '#!/bin/sh\necho tool\n', mode: 0o755 },
  '.git/config': 'secret',
  '.homeostat/journal': 'private',
  'node_modules/dep/package.json': '{"name":"dep","version":"1.0.0"}',
}

const coded = (code: ErrorCode) => (error: unknown) => isHomeostatError(error, code)

/** What everyone who depends on a {@link Sandbox} may rely on. */
export function sandboxContract(name: string, make: () => Sandbox): void {
  const opened = async (
    packages: 'link' | 'copy' = 'link',
  ): Promise<{ readonly root: string; readonly copy: SandboxCopy } & AsyncDisposable> => {
    const root = temporaryFolder(project)
    const copy = await make().open(root, { packages })
    return { root, copy, [Symbol.asyncDispose]: () => copy.close() }
  }

  describe(`${name} as a Sandbox`, () => {
    it('copies what a project is made of, with its modes', async () => {
      await using sandbox = await opened()
      expect(readFileSync(join(sandbox.copy.root, 'src/a.js'), 'utf8')).toBe('export const a = 1\n')
      expect(statSync(join(sandbox.copy.root, 'bin/tool.sh')).mode & 0o777).toBe(0o755)
      for (const path of ['.git', '.homeostat']) expect(existsSync(join(sandbox.copy.root, path))).toBe(false)
      expect(sandbox.copy.workspace.root).toBe(sandbox.copy.root)
      expect(sandbox.copy.workspace.files()).toEqual(['bin/tool.sh', 'package.json', 'src/a.js'])
    })

    it.each(['link', 'copy'] as const)('has the installed packages at hand (%s)', async (packages) => {
      await using sandbox = await opened(packages)
      expect(sandbox.copy.workspace.read('node_modules/dep/package.json')).toContain('1.0.0')
      const { output } = await sandbox.copy.run(script('console.log(require("dep/package.json").name)'), {
        ...limits,
        cwd: sandbox.copy.root,
      })
      expect(output).toBe('dep\n')
    })

    it('keeps what is written, changed and run in the copy away from the original', async () => {
      await using sandbox = await opened()
      sandbox.copy.write('src/a.js', 'broken')
      sandbox.copy.write('new/deep/file.txt', 'new')
      sandbox.copy.write('package.json', null)
      sandbox.copy.chmod('bin/tool.sh', 0o600)
      await sandbox.copy.run(
        script(
          'require("node:fs").writeFileSync("by-command", "x"); require("node:fs").writeFileSync("node_modules/.cache", "x")',
        ),
        { ...limits, cwd: sandbox.copy.root },
      )
      expect(sandbox.copy.workspace.files()).toEqual(['bin/tool.sh', 'by-command', 'new/deep/file.txt', 'src/a.js'])
      expect(sandbox.copy.workspace.read('src/a.js')).toBe('broken')
      expect(sandbox.copy.workspace.stat('bin/tool.sh')?.mode).toBe(0o600)

      expect(readFileSync(join(sandbox.root, 'src/a.js'), 'utf8')).toBe('export const a = 1\n')
      expect(statSync(join(sandbox.root, 'bin/tool.sh')).mode & 0o777).toBe(0o755)
      for (const path of ['new', 'by-command', 'node_modules/.cache']) expect(existsSync(join(sandbox.root, path))).toBe(false)
      expect(existsSync(join(sandbox.root, 'package.json'))).toBe(true)
    })

    it('write() keeps the mode of a file, also of one that is read-only', async () => {
      await using sandbox = await opened()
      sandbox.copy.write('bin/tool.sh', '#!/bin/sh\necho again\n')
      expect(sandbox.copy.workspace.stat('bin/tool.sh')?.mode).toBe(0o755)
      sandbox.copy.chmod('src/a.js', 0o444)
      sandbox.copy.write('src/a.js', 'again')
      expect(sandbox.copy.workspace.read('src/a.js')).toBe('again')
      expect(sandbox.copy.workspace.stat('src/a.js')?.mode).toBe(0o444)
    })

    it('write() and chmod() refuse every path that is not a file of the copy', async () => {
      await using sandbox = await opened()
      mkdirSync(join(sandbox.copy.root, 'folder'))
      for (const path of [
        '../x',
        '/tmp/x',
        '',
        '.git/hooks/pre-commit',
        '.homeostat/x',
        'a\\b',
        'folder',
        'src',
        'src/a.js/x',
        'node_modules/dep/package.json',
        'C:x',
      ]) {
        expect(() => sandbox.copy.write(path, 'x'), path).toThrow(expect.toSatisfy(coded('HS_PATH_REFUSED')))
        expect(() => sandbox.copy.chmod(path, 0o644), path).toThrow(expect.toSatisfy(coded('HS_PATH_REFUSED')))
      }
      expect(() => sandbox.copy.chmod('src/a.js', 0o4755)).toThrow(RangeError)
      expect(() => sandbox.copy.chmod('src/none.js', 0o644)).toThrow(expect.toSatisfy(coded('HS_WRITE_FAILED')))
    })

    it('gives commands a home and a temporary folder of their own', async () => {
      await using sandbox = await opened()
      const { output } = await sandbox.copy.run(
        script('console.log(JSON.stringify([require("node:os").homedir(), require("node:os").tmpdir()]))'),
        { ...limits, cwd: sandbox.copy.root, env: { HOME: '/root', TMPDIR: '/var/tmp' } },
      )
      const [home, temporary] = JSON.parse(output) as [string, string]
      expect(home).not.toBe('/root')
      expect(temporary).not.toBe('/var/tmp')
      expect([existsSync(home), existsSync(temporary)]).toEqual([true, true])
      await sandbox.copy.close()
      expect([existsSync(home), existsSync(temporary)]).toEqual([false, false])
    })

    it('runs commands in the copy only', async () => {
      await using sandbox = await opened()
      for (const cwd of [
        sandbox.root,
        '/',
        join(sandbox.copy.root, '..'),
        join(sandbox.copy.root, 'node_modules/dep/../../..'),
      ]) {
        await expect(sandbox.copy.run(['echo'], { ...limits, cwd })).rejects.toSatisfy(coded('HS_PATH_REFUSED'))
      }
      await expect(sandbox.copy.run(['echo'], { ...limits, cwd: join(sandbox.copy.root, 'missing') })).rejects.toSatisfy(
        coded('HS_FOLDER_MISSING'),
      )
    })

    it('stops its commands when it is closed, removes everything, and refuses what comes later', async () => {
      await using sandbox = await opened()
      const { copy } = sandbox
      const running = copy.run(script('setInterval(() => {}, 1_000)'), { ...limits, cwd: copy.root })
      await copy.close()
      expect(await running).toMatchObject({ ending: 'aborted' })
      expect(existsSync(copy.root)).toBe(false)
      await expect(copy.close()).resolves.toBeUndefined()
      await expect(copy.run(['echo'], { ...limits, cwd: copy.root })).rejects.toSatisfy(coded('HS_CLOSED'))
      expect(() => copy.write('a', 'b')).toThrow(expect.toSatisfy(coded('HS_CLOSED')))
      expect(() => copy.chmod('a', 0o600)).toThrow(expect.toSatisfy(coded('HS_CLOSED')))
    })

    it('refuses a root that is no folder, and does not begin when it is told to stop', async () => {
      const root = temporaryFolder({ file: '' })
      await expect(make().open(join(root, 'missing'), { packages: 'link' })).rejects.toSatisfy(coded('HS_FOLDER_MISSING'))
      await expect(make().open(join(root, 'file'), { packages: 'link' })).rejects.toSatisfy(coded('HS_FOLDER_MISSING'))
      await expect(make().open(root, { packages: 'link', signal: AbortSignal.abort('gone') })).rejects.toBe('gone')
    })
  })
}
