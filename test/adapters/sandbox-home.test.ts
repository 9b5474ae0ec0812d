import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { furnishHome, packageSettings } from '../../src/adapters/sandbox-home.js'
import { temporaryFolder } from './temporary.js'

describe('furnishHome()', () => {
  it('makes private folders, and points to what tools have downloaded already', async () => {
    const realHome = temporaryFolder({
      '.npm/x': '',
      '.cache/node/corepack/x': '',
      '.npmrc': 'registry=https://r.example/\n//r.example/:_authToken=canary\n',
    })
    const base = temporaryFolder()
    const { tools, own } = await furnishHome(base, { realHome, environment: {} })
    expect(tools).toEqual({
      npm_config_cache: join(realHome, '.npm'),
      COREPACK_HOME: join(realHome, '.cache/node/corepack'),
      npm_config_userconfig: undefined,
      XDG_CACHE_HOME: undefined,
      XDG_CONFIG_HOME: undefined,
      XDG_DATA_HOME: undefined,
    })
    expect(own).toEqual({
      HOME: join(base, 'home'),
      USERPROFILE: join(base, 'home'),
      TMPDIR: join(base, 'tmp'),
      TMP: join(base, 'tmp'),
      TEMP: join(base, 'tmp'),
    })
    for (const folder of ['home', 'tmp']) expect(statSync(join(base, folder)).mode & 0o777).toBe(0o700)
    expect(readFileSync(join(base, 'home/.npmrc'), 'utf8')).toBe('registry=https://r.example/\n')
  })

  it('believes the environment about where things are', async () => {
    const elsewhere = temporaryFolder({ 'npm/x': '', 'data/pnpm/store/x': '', npmrc: '@me:registry=https://m.example' })
    const environment = {
      npm_config_cache: join(elsewhere, 'npm'),
      XDG_DATA_HOME: join(elsewhere, 'data'),
      npm_config_userconfig: join(elsewhere, 'npmrc'),
      VOLTA_HOME: join(elsewhere, 'missing'),
    }
    const base = temporaryFolder()
    const { tools } = await furnishHome(base, { realHome: temporaryFolder(), environment })
    expect(tools).toMatchObject({
      npm_config_cache: join(elsewhere, 'npm'),
      npm_config_store_dir: join(elsewhere, 'data/pnpm/store'),
    })
    expect(tools).not.toHaveProperty('VOLTA_HOME')
    expect(readFileSync(join(base, 'home/.npmrc'), 'utf8')).toBe('@me:registry=https://m.example\n')
  })
})

describe('packageSettings()', () => {
  it('keeps what is harmless, and nothing that is, or may hold, a secret', () => {
    const kept = [
      'registry=https://r.example/',
      '@scope:registry = https://s.example/',
      'https-proxy=http://proxy:8080',
      'strict-ssl=false',
      'cafile=/etc/ca.pem',
      'fetch-retries=5',
      'noproxy=localhost',
      'ignore-scripts=true',
      'yes=false',
    ]
    const dropped = [
      '//r.example/:_authToken=canary',
      '_auth=canary',
      '_password=canary',
      'always-auth=true',
      'registry=https://ann:canary@r.example/',
      'proxy=http://canary@proxy',
      'registry=https://${TOKEN}.example/',
      '; registry=x',
      '//registry=canary',
      'email=canary',
      'script-shell=/tmp/canary',
      `registry=https://${'x'.repeat(2_000)}`,
    ]
    expect(packageSettings([...dropped, ...kept].join('\r\n'))).toBe(kept.map((line) => `${line}\n`).join(''))
    expect(packageSettings('')).toBe('')
  })

  it('is quick with a line of a megabyte', () => {
    expect(packageSettings(`registry=${'//'.repeat(500_000)}\n${' '.repeat(1_000_000)}registry=x`)).toBe('')
  })
})
