import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { commandEnvironment, markerName, outsideNpmRun } from '../../src/adapters/command-environment.js'

const marker = 'hs:1:a;'
const always = { NO_COLOR: '1', TERM: 'dumb', NO_UPDATE_NOTIFIER: '1', npm_config_update_notifier: 'false', [markerName]: marker }

describe('commandEnvironment()', () => {
  it('passes on what programs need, and no secret', () => {
    const parent = {
      PATH: '/bin',
      HOME: '/home/ann',
      LC_ALL: 'C.UTF-8',
      https_proxy: 'http://proxy',
      NODE_OPTIONS: '--no-deprecation',
      npm_config_registry: 'https://r',
      'npm_config_@me:registry': 'https://m',
      Path: 'C:\\',
      GITHUB_TOKEN: 'x',
      AWS_SECRET_ACCESS_KEY: 'x',
      OPENAI_API_KEY: 'x',
      DATABASE_URL: 'x',
      SSH_AUTH_SOCK: 'x',
      LD_PRELOAD: 'x',
      npm_config__auth: 'x',
      'npm_config_//r/:_authToken': 'x',
      'npm_config_@token:registry': 'x',
      npm_config_local_prefix: '/elsewhere',
      npm_lifecycle_event: 'test',
      INIT_CWD: '/elsewhere',
      FORCE_COLOR: '3',
      LC_: 'x',
    }
    expect(commandEnvironment({ parent, marker })).toEqual({
      PATH: '/bin',
      HOME: '/home/ann',
      LC_ALL: 'C.UTF-8',
      https_proxy: 'http://proxy',
      NODE_OPTIONS: '--no-deprecation',
      npm_config_registry: 'https://r',
      'npm_config_@me:registry': 'https://m',
      Path: 'C:\\',
      ...always,
    })
  })

  it('lets the caller add names and take them away, but not the mark', () => {
    const added = { PATH: undefined, TERM: 'xterm', TOKEN: 'wanted', [markerName]: 'forged' }
    expect(commandEnvironment({ parent: { PATH: '/bin' }, added, marker })).toEqual({ ...always, TERM: 'xterm', TOKEN: 'wanted' })
  })

  it('adds the heap limit to the options that Node is given', () => {
    const limit = { parent: { NODE_OPTIONS: '--no-warnings' }, marker, memoryBytesMax: 256 * 1_048_576 }
    expect(commandEnvironment(limit)['NODE_OPTIONS']).toBe('--no-warnings --max-old-space-size=256')
    expect(commandEnvironment({ ...limit, added: { NODE_OPTIONS: '--trace-exit' } })['NODE_OPTIONS']).toBe(
      '--trace-exit --max-old-space-size=256',
    )
    expect(commandEnvironment({ ...limit, parent: {}, memoryBytesMax: 1 })['NODE_OPTIONS']).toBe('--max-old-space-size=1')
  })

  it('keeps the marks of outer runs, up to a limit', () => {
    expect(commandEnvironment({ parent: { [markerName]: 'hs:0:outer;' }, marker })[markerName]).toBe('hs:0:outer;hs:1:a;')
    const long = commandEnvironment({ parent: { [markerName]: 'x'.repeat(10_000) }, marker })[markerName]
    expect(long).toHaveLength(1_024)
    expect(long?.endsWith(marker)).toBe(true)
  })

  it('never passes on a name that speaks of a secret', () => {
    const secret = fc
      .tuple(
        fc.stringMatching(/^[a-z_]{0,12}$/),
        fc.constantFrom('token', 'auth', 'password', 'secret', 'TOKEN'),
        fc.stringMatching(/^[a-z_]{0,12}$/),
      )
      .map((parts) => parts.join(''))
    fc.assert(
      fc.property(secret, fc.constantFrom('', 'npm_config_', 'NPM_CONFIG_', 'LC_'), (name, prefix) => {
        expect(commandEnvironment({ parent: { [prefix + name]: 'canary' }, marker })).not.toHaveProperty([prefix + name])
      }),
    )
  })

  it('treats __proto__ as a name like any other', () => {
    const added = JSON.parse('{"__proto__":"x"}') as Record<string, string>
    const env = commandEnvironment({ parent: {}, added, marker })
    expect(Object.getPrototypeOf(env)).toBe(Object.prototype)
    expect(Object.hasOwn(env, '__proto__')).toBe(true)
  })
})

describe('outsideNpmRun()', () => {
  it('takes away what npm run added, and nothing else', () => {
    const own = { PATH: '/bin', npm_config_cache: '/cache' }
    const added = {
      npm_lifecycle_event: 'demo',
      npm_lifecycle_script: 'x',
      npm_package_name: 'y',
      npm_command: 'run',
      npm_config_loglevel: 'silent',
    }
    expect(outsideNpmRun({ ...own, ...added })).toEqual(own)
  })

  it('leaves an environment alone that no npm run made', () => {
    const own = { PATH: '/bin', npm_config_loglevel: 'silent', npm_package_name: 'y' }
    expect(outsideNpmRun(own)).toEqual(own)
  })
})
