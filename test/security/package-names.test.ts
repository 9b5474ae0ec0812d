import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isPackageName, packageNameDoubts, packageOfSpecifier } from '../../src/security/package-names.js'
import { popularPackages, popularScopes } from '../../src/security/popular-packages.js'

/** Any UTF-16 at all, lone surrogates and control characters included. */
const anyText = fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 60 }).map((units) => String.fromCharCode(...units))

describe('isPackageName()', () => {
  it.each(['lodash', 'lodash.get', '@a/b', 'a', '7zip', 'node-fetch', 'is_odd', '@types/babel__core', 'x'.repeat(214)])(
    'accepts %j',
    (name) => {
      expect(isPackageName(name)).toBe(true)
    },
  )

  it.each([
    '',
    ' lodash',
    'lodash ',
    'Lodash',
    '.hidden',
    '_private',
    '-g',
    '--registry=http://evil',
    'a/b',
    '@a',
    '@/b',
    '@a/',
    '@a/b/c',
    './lodash',
    '../x',
    '/etc/passwd',
    'http://x.y/z.tgz',
    'git+ssh://x',
    'lodash@1.0.0',
    'x; touch pwned',
    'x\ny',
    'x\0',
    'x|y',
    '$(id)',
    '`id`',
    'лodash',
    'node_modules',
    'favicon.ico',
    'fs',
    'node:fs',
    'path',
    'child_process',
    '__proto__',
    'x'.repeat(215),
  ])('refuses %j', (name) => {
    expect(isPackageName(name)).toBe(false)
  })

  it('refuses a megabyte in a moment', () => {
    expect(isPackageName('x'.repeat(1_000_000))).toBe(false)
    expect(packageOfSpecifier('x/'.repeat(500_000))).toBeUndefined()
  })

  it('accepts nothing that a shell or an option parser would read otherwise', () => {
    fc.assert(fc.property(anyText, (name) => !isPackageName(name) || /^@?[a-z0-9][a-z0-9._/-]*$/.test(name)))
  })
})

describe('packageOfSpecifier()', () => {
  it.each([
    ['lodash', 'lodash'],
    ['lodash/fp/foo', 'lodash'],
    ['@a/b/c', '@a/b'],
    ['@a/b', '@a/b'],
    ['JSONStream', 'JSONStream'],
    ['punycode/', 'punycode'],
  ])('takes %j to %j', (specifier, name) => {
    expect(packageOfSpecifier(specifier)).toBe(name)
  })

  it.each([
    './a',
    '../a',
    '.',
    '..',
    '/abs/a',
    'C:\\a',
    'a\\b',
    '#internal',
    'node:fs',
    'fs',
    'fs/promises',
    'http://a/b',
    'file:///a',
    '@/components',
    '~/x',
    '@a',
    '',
    'x; touch pwned',
    'a/../../b',
    'lodash?raw',
    'raw-loader!./x',
    'node_modules',
    '\u001b[31mlodash',
  ])('takes %j to nothing', (specifier) => {
    expect(packageOfSpecifier(specifier)).toBeUndefined()
  })

  it('gives names back as they are, whatever path follows', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^(?:@[a-z0-9]{1,8}\/)?[a-z0-9]{1,12}$/),
        fc.stringMatching(/^[a-z0-9.]{1,8}$/),
        (name, path) => {
          fc.pre(path !== '..' && isPackageName(name))
          expect(packageOfSpecifier(`${name}/${path}`)).toBe(name)
        },
      ),
    )
  })
})

describe('packageNameDoubts()', () => {
  it('never doubts a popular name', () => {
    expect([...popularPackages].filter((name) => packageNameDoubts(name).length > 0)).toEqual([])
  })

  it.each([
    ['lodahs', 'lodash'], // neighbours swapped
    ['loadsh', 'lodash'],
    ['expres', 'express'], // dropped
    ['expresss', 'express'], // doubled
    ['axois', 'axios'],
    ['typescriptt', 'typescript'],
    ['reactt', 'react'],
    ['electorn', 'electron'],
    ['webpakc-cil', 'webpack-cli'], // two edits in a long name
    ['nodefetch', 'node-fetch'], // separators
    ['node_fetch', 'node-fetch'],
    ['socketio', 'socket.io'],
    ['cross-env.js', 'cross-env'],
    ['crossenv', 'cross-env'],
    ['lodash.js', 'lodash'],
    ['lodashjs', 'lodash'],
    ['node-fetch2', 'node-fetch'],
    ['lodash-utils', 'lodash'], // a word added
    ['node-lodash', 'lodash'],
    ['express-official', 'express'],
    ['axios-api-client', 'axios'],
    ['types-node', '@types/node'], // scope flattened
    ['@types-node', '@types/node'],
    ['babel_core', '@babel/core'],
    ['1odash', 'lodash'], // look-alikes
    ['expre55-rnodule', undefined],
    ['lοdash', 'lodash'], // Greek omicron
    ['reаct', 'react'], // Cyrillic a
    ['chaIk', 'chalk'],
  ])('doubts %j', (name, meant) => {
    const doubts = packageNameDoubts(name)
    if (meant === undefined) return
    expect(doubts.join(' ')).toContain(`"${meant}"`)
  })

  it.each(['@typs/node', '@bable/core', '@type/node', '@bаbel/core', '@test-ing-library/react', '@nest-js/core'])(
    'doubts the scope of %j',
    (name) => {
      expect(packageNameDoubts(name).join(' ')).toMatch(/scope/)
    },
  )

  it.each([
    '@babel/some-new-plugin',
    '@types/whatever',
    '@aws-sdk/client-s4',
    'completely-unrelated-thing',
    'zx',
    'homeostat',
    'left-pad',
    'fast-json-patch',
    '@my-company/core',
    'my-own-logger',
  ])('does not doubt %j', (name) => {
    expect(packageNameDoubts(name)).toEqual([])
  })

  it('says that a name has characters outside ASCII, and that it is too long', () => {
    expect(packageNameDoubts('päckage-of-mine').join(' ')).toMatch(/ASCII/)
    expect(packageNameDoubts('x'.repeat(100_000))).toEqual(['It is too long for a package name.'])
  })

  it('trusts known names, and doubts their neighbours too, in popular scopes also', () => {
    const known = ['@acme/widgets', 'acme-parser', '@aws-sdk/client-s3']
    for (const name of known) expect(packageNameDoubts(name, { known })).toEqual([])
    expect(packageNameDoubts('acme-parsr', { known }).join(' ')).toContain('"acme-parser"')
    expect(packageNameDoubts('acme-widgets', { known }).join(' ')).toContain('"@acme/widgets"')
    expect(packageNameDoubts('@aws-sdk/client-s4', { known }).join(' ')).toContain('"@aws-sdk/client-s3"')
    expect(packageNameDoubts('acme-parsr')).toEqual([])
  })

  it('doubts any single edit of a long popular name', () => {
    const long = [...popularPackages].filter((name) => name.length >= 7 && !name.startsWith('@'))
    fc.assert(
      fc.property(fc.constantFrom(...long), fc.nat(), fc.constantFrom('drop', 'double', 'swap'), (name, at, edit) => {
        const index = 1 + (at % (name.length - 2))
        const imitation =
          edit === 'drop'
            ? name.slice(0, index) + name.slice(index + 1)
            : edit === 'double'
              ? name.slice(0, index) + name.slice(index - 1)
              : name.slice(0, index - 1) + name[index] + name[index - 1] + name.slice(index + 1)
        fc.pre(!popularPackages.has(imitation) && imitation !== name)
        expect(packageNameDoubts(imitation)).not.toEqual([])
      }),
      { numRuns: 60 },
    )
  })

  it('answers any text, in a bounded number of sentences', () => {
    fc.assert(
      fc.property(anyText, (name) => packageNameDoubts(name).length <= 4),
      { numRuns: 50 },
    )
  })
})

describe('popularPackages', () => {
  it('holds names that npm accepts, or that are older than its rules', () => {
    // It carries the name of a built-in module, and is as old.
    expect([...popularPackages].filter((name) => !isPackageName(name))).toEqual(['string_decoder'])
    expect([...popularScopes].every((scope) => isPackageName(`${scope}/x`))).toBe(true)
  })
})

describe('packageNameDoubts() and keyboards', () => {
  it('doubts a short name that fingers make of a popular one, and two slips in a longer one', () => {
    expect(packageNameDoubts('zid')).toContain('It is typed next to the keys of "zod".')
    expect(packageNameDoubts('expeess').length).toBeGreaterThan(0)
    expect(packageNameDoubts('wxpreds')).toContain('It is typed next to the keys of "express".')
    expect(packageNameDoubts('zqd')).toEqual([])
    expect(packageNameDoubts('wxpqess')).toEqual([])
  })
})
