import { describe, expect, it } from 'vitest'
import { readLockfile } from '../../src/repair/dependencies/dependency-lockfile.js'

const versionsOf = (path: string, text: string) => Object.fromEntries(readLockfile(path, text).versions)

const manifestsOf = (path: string, text: string) =>
  Object.fromEntries([...readLockfile(path, text).manifests].map(([folder, declared]) => [folder, Object.fromEntries(declared)]))

describe('readLockfile()', () => {
  it("reads npm's, with the programs that packages bring", () => {
    const text = JSON.stringify({
      lockfileVersion: 3,
      packages: {
        '': { dependencies: { a: '^1.0.0' } },
        'node_modules/x/node_modules/a': { version: '0.9.0' },
        'node_modules/a': { version: '1.2.3', bin: { 'a-cli': 'cli.js' } },
        'node_modules/@s/b': { version: '2.0.0' },
        'packages/own': { version: '0.0.0' },
        'node_modules/link': { link: true },
        'node_modules/odd': 7,
      },
    })
    const lockfile = readLockfile('sub/package-lock.json', text)
    expect(Object.fromEntries(lockfile.versions)).toEqual({ a: '1.2.3', '@s/b': '2.0.0' })
    expect(Object.fromEntries(lockfile.packageOfProgram)).toEqual({ 'a-cli': 'a' })
  })

  it('tells what the manifests declared when it was written', () => {
    const dev = (range: string) => ({ range, dev: true })
    const used = (range: string) => ({ range, dev: false })
    const npm = {
      packages: {
        '': { dependencies: { a: '^1.0.0' }, devDependencies: { t: '0.5.1' }, peerDependencies: { p: '*' } },
        'packages/own': { dependencies: { b: '~2.0.0' } },
        'node_modules/a': { version: '1.0.0', dependencies: { c: '1' } },
      },
    }
    const rootAndMember = { '': { a: used('^1.0.0'), t: dev('0.5.1') }, 'packages/own': { b: used('~2.0.0') } }
    const pnpm =
      "lockfileVersion: '9.0'\n\nimporters:\n\n  .:\n    dependencies:\n      a:\n        specifier: ^1.0.0\n        version: 1.0.0\n    devDependencies:\n      t:\n        specifier: 0.5.1\n        version: 0.5.1\n\n  packages/own:\n    dependencies:\n      b:\n        specifier: ~2.0.0\n        version: 2.0.0\n\npackages:\n\n  a@1.0.0:\n    resolution: {}\n"
    const bun =
      '{\n  "lockfileVersion": 1,\n  "workspaces": {\n    "": {\n      "dependencies": { "a": "^1.0.0", },\n      "devDependencies": { "t": "0.5.1", },\n    },\n    "packages/own": { "dependencies": { "b": "~2.0.0", }, },\n  },\n}\n'
    for (const [path, text] of [
      ['package-lock.json', JSON.stringify(npm)],
      ['pnpm-lock.yaml', pnpm],
      ['bun.lock', bun],
    ] as const)
      expect(manifestsOf(path, text)).toEqual(rootAndMember)
    const single =
      "lockfileVersion: '6.0'\n\ndependencies:\n  '@s/a':\n    specifier: '>=1'\n    version: 1.0.0\n\ndevDependencies:\n  t:\n    specifier: 0.5.1\n    version: 0.5.1\n"
    expect(manifestsOf('pnpm-lock.yaml', single)).toEqual({ '': { '@s/a': used('>=1'), t: dev('0.5.1') } })
    expect(manifestsOf('yarn.lock', 'a@^1.0.0:\n  version "1.0.0"\n')).toEqual({})
    expect(manifestsOf('package-lock.json', '{"packages":')).toEqual({})
  })

  it('tells what locked packages want beside them', () => {
    const text = JSON.stringify({
      packages: {
        '': {},
        'node_modules/a': { peerDependencies: { p: '^1.0.0' } },
        'node_modules/b': { peerDependencies: { p: '>=1' } },
      },
    })
    expect(readLockfile('package-lock.json', text).peerRanges).toEqual(new Map([['p', ['^1.0.0', '>=1']]]))
  })

  it("reads npm's first format", () => {
    expect(versionsOf('npm-shrinkwrap.json', '{"lockfileVersion":1,"dependencies":{"a":{"version":"1.0.0"},"b":{}}}')).toEqual({
      a: '1.0.0',
    })
  })

  it("reads pnpm's, old and new", () => {
    expect(
      versionsOf(
        'pnpm-lock.yaml',
        "lockfileVersion: '9.0'\npackages:\n\n  '@s/b@2.0.0(x@1.0.0)':\n    resolution: {}\n\n  a@1.2.3:\n    resolution: {}\n",
      ),
    ).toEqual({ '@s/b': '2.0.0', a: '1.2.3' })
    expect(versionsOf('pnpm-lock.yaml', 'packages:\n  /a@1.2.3:\n  /@s/b/2.0.0:\n  /c/3.0.0_x@1.0.0:\n')).toMatchObject({
      a: '1.2.3',
      '@s/b': '2.0.0',
      c: '3.0.0_x@1.0.0',
    })
  })

  it("reads yarn's, old and new", () => {
    expect(
      versionsOf(
        'yarn.lock',
        '# yarn lockfile v1\n\n"@s/b@^2.0.0", "@s/b@^2.1.0":\n  version "2.1.5"\n  resolved "x"\n\na@^1.0.0:\n  version "1.2.3"\n',
      ),
    ).toEqual({ '@s/b': '2.1.5', a: '1.2.3' })
    expect(
      versionsOf('yarn.lock', '__metadata:\n  version: 8\n\n"a@npm:^1.0.0":\n  version: 1.2.3\n  resolution: "a@npm:1.2.3"\n'),
    ).toEqual({ a: '1.2.3' })
  })

  it("reads bun's", () => {
    expect(
      versionsOf(
        'bun.lock',
        '{\n  "lockfileVersion": 1,\n  "packages": {\n    "a": ["a@1.2.3", "", {}, "sha512"],\n    "@s/b": ["@s/b@2.0.0", "", {}, "x"],\n  }\n}\n',
      ),
    ).toEqual({ a: '1.2.3', '@s/b': '2.0.0' })
  })

  it.each(['package-lock.json', 'pnpm-lock.yaml', 'yarn.lock', 'bun.lock', 'bun.lockb', 'other.txt', ''])(
    'names nothing for damaged text in %j',
    (path) => {
      for (const text of ['', '{,', '[]', 'null', '\0\u001b[31m', '{"packages":7,"dependencies":[1]}'])
        expect(versionsOf(path, text)).toEqual({})
    },
  )

  it('takes no name from prototypes', () => {
    const { versions } = readLockfile(
      'package-lock.json',
      '{"packages":{"node_modules/__proto__":{"version":"1.0.0"},"__proto__":{"version":"2.0.0"}}}',
    )
    expect(versions.get('__proto__')).toBe('1.0.0')
    expect(Object.hasOwn(Object.prototype, 'version')).toBe(false)
  })

  it.each(['pnpm-lock.yaml', 'yarn.lock', 'bun.lock'])('reads a megabyte on one line of %s in a moment', (path) => {
    for (const line of [
      `  '${'@a/'.repeat(300_000)}`,
      `"${'a'.repeat(1_000_000)}`,
      `    "${'a": ["'.repeat(150_000)}`,
      ' '.repeat(1_000_000),
      `  version "${'1'.repeat(1_000_000)}`,
    ]) {
      const started = process.hrtime.bigint()
      readLockfile(path, line)
      expect(Number(process.hrtime.bigint() - started) / 1e6).toBeLessThan(500)
    }
  })
})
