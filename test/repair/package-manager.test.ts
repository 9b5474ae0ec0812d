import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isHomeostatError } from '../../src/core/errors.js'
import { packageManagers } from '../../src/core/patch.js'
import {
  filesOfInstall,
  type InstallAction,
  installCommand,
  isPackageRange,
  packageManagerOf,
} from '../../src/repair/package-manager.js'
import { memoryWorkspace } from '../../src/testing/memory-workspace.js'

/** Any UTF-16 at all, lone surrogates and control characters included. */
const anyText = fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 60 }).map((units) => String.fromCharCode(...units))

const install = (fields: Partial<InstallAction> = {}): InstallAction => ({
  kind: 'install',
  manager: 'npm',
  packages: [],
  folder: '',
  ...fields,
})

describe('packageManagerOf()', () => {
  it.each([
    ['package-lock.json', 'npm'],
    ['npm-shrinkwrap.json', 'npm'],
    ['pnpm-lock.yaml', 'pnpm'],
    ['yarn.lock', 'yarn'],
    ['bun.lock', 'bun'],
    ['bun.lockb', 'bun'],
  ])('knows %s', (lockfile, manager) => {
    expect(packageManagerOf(memoryWorkspace({ 'package.json': '{}', [lockfile]: '' }), '')).toEqual({
      manager,
      lockfile,
      reason: `${lockfile} is there`,
    })
  })

  it.each([
    ['pnpm-workspace.yaml', 'pnpm'],
    ['node_modules/.modules.yaml', 'pnpm'],
    ['.yarnrc.yml', 'yarn'],
    ['node_modules/.yarn-integrity', 'yarn'],
    ['bunfig.toml', 'bun'],
    ['node_modules/.package-lock.json', 'npm'],
  ])('knows without a lockfile what left %s there', (path, manager) => {
    const workspace = memoryWorkspace({ 'package.json': '{}', [path]: '', 'packages/a/package.json': '{}' })
    const found = { manager, reason: `there is no lockfile, and ${path} is there` }
    expect(packageManagerOf(workspace, '')).toEqual(found)
    expect(packageManagerOf(workspace, 'packages/a')).toEqual(found)
    expect(packageManagerOf(memoryWorkspace({ [path]: '', 'yarn.lock': '' }), '').manager).toBe('yarn')
  })

  it('reads "devEngines" too, the preferred one of several', () => {
    const naming = (packageManager: unknown) =>
      packageManagerOf(
        memoryWorkspace({ 'package.json': JSON.stringify({ devEngines: { packageManager } }), 'yarn.lock': '' }),
        '',
      )
    expect(naming({ name: 'pnpm', version: '^10' })).toEqual({
      manager: 'pnpm',
      reason: '"devEngines" in package.json names pnpm',
    })
    expect(naming([{ name: 'bun' }, { name: 'npm' }]).manager).toBe('bun')
    expect(naming('pnpm').manager).toBe('yarn')
    expect(naming({ name: 'rm' }).manager).toBe('yarn')
  })

  it('takes npm when there is no lockfile', () => {
    const found = packageManagerOf(memoryWorkspace({ 'package.json': '{}' }), '')
    expect(found.manager).toBe('npm')
    expect(found).not.toHaveProperty('lockfile')
  })

  it('believes the manifest before a lockfile, and takes only its own lockfile', () => {
    const workspace = memoryWorkspace({
      'package.json': '{"packageManager":"pnpm@9.1.0+sha512.abc"}',
      'package-lock.json': '',
      'pnpm-lock.yaml': '',
    })
    expect(packageManagerOf(workspace, '')).toMatchObject({ manager: 'pnpm', lockfile: 'pnpm-lock.yaml' })
    expect(
      packageManagerOf(memoryWorkspace({ 'package.json': '{"packageManager":"yarn@4.0.0"}', 'package-lock.json': '' }), ''),
    ).toEqual({
      manager: 'yarn',
      reason: '"packageManager" in package.json names yarn',
    })
  })

  it('ignores a manager it does not know, and a manifest that does not parse', () => {
    expect(
      packageManagerOf(memoryWorkspace({ 'package.json': '{"packageManager":"rm -rf /@1"}', 'yarn.lock': '' }), '').manager,
    ).toBe('yarn')
    expect(packageManagerOf(memoryWorkspace({ 'package.json': '{,}', 'yarn.lock': '' }), '').manager).toBe('yarn')
    expect(packageManagerOf(memoryWorkspace({ 'package.json': '{"packageManager":"npmx@1"}' }), '').manager).toBe('npm')
  })

  it('says so when several lockfiles contradict each other', () => {
    const found = packageManagerOf(
      memoryWorkspace({ 'package.json': '{}', 'package-lock.json': '', 'yarn.lock': '', 'bun.lock': '' }),
      '',
    )
    expect(found).toMatchObject({ manager: 'npm', lockfile: 'package-lock.json' })
    expect(found.reason).toContain('yarn.lock and bun.lock are there too')
    const two = packageManagerOf(memoryWorkspace({ 'package-lock.json': '', 'npm-shrinkwrap.json': '' }), '')
    expect(two.reason).toBe('package-lock.json is there')
  })

  it('looks in the folders above', () => {
    const workspace = memoryWorkspace({ 'pnpm-lock.yaml': '', 'packages/a/package.json': '{}' })
    expect(packageManagerOf(workspace, 'packages/a')).toMatchObject({ manager: 'pnpm', lockfile: 'pnpm-lock.yaml' })
  })
})

describe('installCommand()', () => {
  it('switches scripts off, for every manager and every kind of install', () => {
    for (const manager of packageManagers) {
      for (const packages of [[], [{ name: 'lodash', dev: false }]]) {
        const { command, env } = installCommand(install({ manager, packages }))
        expect(command[0]).toBe(manager)
        expect(command.some((argument) => argument === '--ignore-scripts' || argument === '--mode=skip-build')).toBe(true)
        // Version 1 of yarn minds only the first of these two, later ones only the second.
        expect(env).toMatchObject({
          YARN_IGNORE_SCRIPTS: 'true',
          YARN_ENABLE_SCRIPTS: 'false',
          npm_config_ignore_scripts: 'true',
        })
      }
    }
  })

  it('writes names after a double dash, with their range', () => {
    const packages = [
      { name: '@a/b', range: '^1.2.3', dev: true },
      { name: 'lodash', dev: true },
    ]
    expect(installCommand(install({ packages })).command).toEqual([
      'npm',
      'install',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--save-dev',
      '--',
      '@a/b@^1.2.3',
      'lodash',
    ])
    expect(installCommand(install({ manager: 'pnpm', packages })).command).toEqual([
      'pnpm',
      'add',
      '--ignore-scripts',
      '--save-dev',
      '--',
      '@a/b@^1.2.3',
      'lodash',
    ])
    expect(installCommand(install({ manager: 'yarn', packages })).command).toEqual([
      'yarn',
      'add',
      '--mode=skip-build',
      '--dev',
      '--',
      '@a/b@^1.2.3',
      'lodash',
    ])
    expect(installCommand(install({ manager: 'bun', packages })).command).toEqual([
      'bun',
      'add',
      '--ignore-scripts',
      '--dev',
      '--',
      '@a/b@^1.2.3',
      'lodash',
    ])
  })

  it('takes exactly what the lockfile says when asked to', () => {
    expect(installCommand(install(), { exact: true }).command).toEqual([
      'npm',
      'ci',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
    ])
    for (const manager of ['pnpm', 'yarn', 'bun'] as const)
      expect(installCommand(install({ manager }), { exact: true }).command).toContain('--frozen-lockfile')
    expect(() => installCommand(install({ packages: [{ name: 'lodash', dev: false }] }), { exact: true })).toThrow(/lockfile/)
  })

  it('refuses packages for use and for development in one action', () => {
    expect(() =>
      installCommand(
        install({
          packages: [
            { name: 'a', dev: true },
            { name: 'b', dev: false },
          ],
        }),
      ),
    ).toThrow(/two actions/)
  })

  it.each(['x; touch pwned', '--registry=http://evil', '../outside', 'git+ssh://x/y', '\u001b[31mx', 'x'.repeat(300), '', 'fs'])(
    'refuses the name %j',
    (name) => {
      const refused = (() => {
        try {
          return installCommand(install({ packages: [{ name, dev: false }] }))
        } catch (error) {
          return error
        }
      })()
      expect(isHomeostatError(refused, 'HS_INPUT_INVALID')).toBe(true)
      expect(String(refused)).toSatisfy((text: string) => text.length < 300 && !text.includes('\u001b'))
    },
  )

  it.each(['npm:evil@1', 'file:../x', 'http://x/y.tgz', 'git+ssh://x', '1.0.0; id', '$(id)', '-1', ''])(
    'refuses the range %j',
    (range) => {
      expect(() => installCommand(install({ packages: [{ name: 'lodash', range, dev: false }] }))).toThrow(/range/)
    },
  )

  it('gives arguments that no shell would take apart', () => {
    fc.assert(
      fc.property(fc.constantFrom(...packageManagers), anyText, fc.option(fc.string()), (manager, name, range) => {
        try {
          const { command } = installCommand(
            install({ manager, packages: [{ name, dev: false, ...(range !== null && { range }) }] }),
          )
          return command.every((argument) => /^[\w@./^~<>=*|+ -]+$/.test(argument))
        } catch (error) {
          return isHomeostatError(error, 'HS_INPUT_INVALID')
        }
      }),
    )
  })
})

describe('isPackageRange()', () => {
  it.each(['1.2.3', '^1.2.3', '~1', '>=1.0.0 <2.0.0', '1.x || 2.x', '*', 'latest', '1.0.0-beta.1+build.5', '<3'])(
    'accepts %j',
    (range) => {
      expect(isPackageRange(range)).toBe(true)
    },
  )
  it.each(['workspace:*', 'npm:x', 'a/b', ' 1', '1\n2', '`id`', 'x'.repeat(129)])('refuses %j', (range) => {
    expect(isPackageRange(range)).toBe(false)
  })
})

describe('filesOfInstall()', () => {
  it('names manifest and lockfile of each manager', () => {
    expect(filesOfInstall('npm')).toEqual(['package.json', 'package-lock.json', 'npm-shrinkwrap.json'])
    expect(filesOfInstall('pnpm')).toContain('pnpm-lock.yaml')
    expect(filesOfInstall('yarn')).toContain('yarn.lock')
    expect(filesOfInstall('bun')).toContain('bun.lock')
  })
})
