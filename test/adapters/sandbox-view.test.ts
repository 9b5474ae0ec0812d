import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { viewOf, type SandboxView } from '../../src/adapters/sandbox-view.js'
import { temporaryFolder } from './temporary.js'

interface Given {
  readonly base?: string
  readonly links?: readonly string[]
  readonly tools?: Readonly<Record<string, string>>
  readonly home?: string
  readonly environment?: Readonly<Record<string, string>>
}

function view({ base = temporaryFolder(), links = [], tools = {}, home = '/none', environment = {} }: Given): SandboxView {
  return viewOf({ place: { base, links: new Set(links), environment: { tools, own: {} } }, home, environment })
}

const paths = ({ readable }: SandboxView): readonly string[] => readable.map(({ path }) => path)

describe('viewOf()', () => {
  it('shows the whole node_modules that a package is linked from, and a package elsewhere alone', () => {
    const root = temporaryFolder({
      'app/node_modules/dep/index.js': '',
      'app/node_modules/@s/x/index.js': '',
      'app/secret': '',
      'lib/index.js': '',
    })
    const seen = paths(
      view({ links: [join(root, 'app/node_modules/dep'), join(root, 'app/node_modules/@s/x'), join(root, 'lib')] }),
    )
    expect(seen.filter((path) => path.startsWith(root)).sort()).toEqual([join(root, 'app/node_modules'), join(root, 'lib')])
  })

  it('never shows a home, nor a folder that holds one, whatever leads there', () => {
    const root = temporaryFolder({
      'home/me/.ssh/key': 'secret',
      'home/me/bin/tool': '',
      way: { link: 'home/me' },
      up: { link: '/' },
    })
    const home = join(root, 'home/me')
    const seen = view({
      home,
      links: [home, join(root, 'home'), join(root, 'way'), join(root, 'up'), root, '/'],
      tools: { CACHE: home },
      environment: {
        PATH: `${home}:${root}:${join(root, 'way')}:/:${join(home, 'bin')}:relative::`,
        SSL_CERT_DIR: join(root, 'way'),
      },
    })
    expect(paths(seen).filter((path) => path.startsWith(root))).toEqual([join(home, 'bin')])
    expect(seen.caches).toEqual([])
    for (const path of ['/', '/root', '/home', '/etc', '/etc/passwd', '/etc/shadow', '/run', '/var', '/tmp'])
      expect(paths(seen)).not.toContain(path)
  })

  it('shows programs of PATH with the packages that npm lays beside them, and certificates', () => {
    const root = temporaryFolder({
      'bin/npm': '',
      'lib/node_modules/npm/cli.js': '',
      'certificate.pem': '',
      'real/x': '',
      alias: { link: 'real' },
    })
    const seen = view({
      environment: {
        PATH: `${join(root, 'bin')}:${join(root, 'alias')}:${join(root, 'missing')}`,
        NODE_EXTRA_CA_CERTS: join(root, 'certificate.pem'),
      },
    })
    expect(seen.readable.filter(({ path }) => path.startsWith(root)).toSorted((a, b) => a.path.localeCompare(b.path))).toEqual([
      { path: join(root, 'alias'), kind: 'folder' },
      { path: join(root, 'bin'), kind: 'folder' },
      { path: join(root, 'certificate.pem'), kind: 'file' },
      { path: join(root, 'lib/node_modules'), kind: 'folder' },
      { path: join(root, 'real'), kind: 'folder' },
    ])
  })

  it('has this Node in it, and nothing of the copy, which is bound as a whole', () => {
    const base = temporaryFolder({ 'app/inner/x': '' })
    const seen = view({ base, links: [join(base, 'app/inner')] })
    expect(paths(seen).some((path) => process.execPath === path || process.execPath.startsWith(`${path}/`))).toBe(true)
    expect(paths(seen).filter((path) => path.startsWith(base))).toEqual([])
    expect(seen.base).toBe(base)
  })

  it('makes the links of the root folder again, and nothing below them twice', () => {
    const seen = view({ environment: { PATH: '/bin:/usr/bin' } })
    for (const [link] of seen.links) {
      expect(dirname(link)).toBe('/')
      expect(paths(seen).filter((path) => path === link || path.startsWith(`${link}/`))).toEqual([])
    }
  })
})
