import { describe, expect, it } from 'vitest'
import { isHomeostatError } from '../../src/core/errors.js'
import { canonicalJson, sha256 } from '../../src/core/hash.js'
import { createEphemeralKeys } from '../../src/security/signing/signing-keys.js'
import { builtInThreatList } from '../../src/security/threats/built-in-threat-list.js'
import { createOfflineThreats } from '../../src/security/threats/offline-threats.js'
import { loadThreatList, sealThreatList, type ThreatList } from '../../src/security/threats/threat-list.js'
import type { ThreatAnswer, ThreatIntelligence, ThreatQuery } from '../../src/security/threats/threat-intelligence.js'
import { RiskyEditObserver } from '../../src/security/risky-edit-observer.js'
import { createTestWorld } from '../../src/testing/test-world.js'
import { observe, patchOf, rulesIn } from './audit-sample.js'

const manifest = (dependencies: object): string => `${JSON.stringify({ name: 'shop', dependencies }, null, 2)}\n`
const adds = (dependencies: object) => patchOf([['package.json', manifest({}), manifest(dependencies)]])
const signal = new AbortController().signal
const list: ThreatList = {
  format: 1,
  name: 'a list',
  version: 2,
  date: '2026-11-20',
  packages: [
    { name: 'left-evil', reason: 'All of it is bad' },
    { name: 'half-evil', versions: ['1.0.1'], reason: 'One version is bad' },
  ],
  hosts: [{ host: 'evil.example', kind: 'malicious', reason: 'A known place' }],
  installScripts: ['builds-itself'],
}

/** A port that answers like this, and remembers what it was asked. */
function portOf(
  answer: (query: ThreatQuery, signal: AbortSignal) => Promise<unknown>,
): ThreatIntelligence & { asked: ThreatQuery[] } {
  const asked: ThreatQuery[] = []
  return {
    asked,
    lookup: (query, heard) => {
      asked.push(query)
      return answer(query, heard) as Promise<ThreatAnswer> // The point of some tests is that it is none.
    },
  }
}

describe('createOfflineThreats()', () => {
  const world = createTestWorld(1, { epochMs: Date.parse('2026-11-21T00:00:00Z') })
  const lookup = (query: Partial<ThreatQuery>) =>
    createOfflineThreats({ world, list }).lookup({ packages: [], urls: [], ...query }, signal)

  it('knows bad packages in any version, bad versions by their number only, and packages that build themselves', async () => {
    const { threats, source, date, stale } = await lookup({
      packages: [
        { name: 'left-evil', version: '^9.0.0' },
        { name: 'half-evil', version: '1.0.1' },
        { name: 'half-evil', version: '^1.0.0' },
        { name: 'half-evil', version: '1.0.2' },
        { name: 'Half-Evil', version: '=v1.0.1' },
        { name: 'half-evil', version: 'npm:half-evil@1.0.1' },
        { name: 'builds-itself' },
        { name: '__proto__', version: '1.0.0' },
      ],
    })
    expect(threats.map(({ kind, subject, version, verdict }) => [kind, subject, version, verdict])).toEqual([
      ['malicious-package', 'left-evil', undefined, 'block'],
      ['malicious-package', 'half-evil', '1.0.1', 'block'],
      ['malicious-package', 'Half-Evil', '1.0.1', 'block'],
      ['malicious-package', 'half-evil', '1.0.1', 'block'],
      ['install-script', 'builds-itself', undefined, 'allow'],
    ])
    expect([source, date, stale]).toEqual(['a list 2', '2026-11-20', false])
  })

  it('knows hosts and everything below them, and nothing that only ends alike', async () => {
    const urls = [
      'https://evil.example/a',
      'http://A.B.EVIL.example.:8080/',
      'https://notevil.example/',
      'https://evil.example.org/',
      'https://evil.example@good.example/',
      'nonsense',
    ]
    expect((await lookup({ urls })).threats.map(({ subject }) => subject)).toEqual(urls.slice(0, 2))
  })

  it('is stale after its days, also when the clock stands before the list or makes no sense', async () => {
    const stale = async (epochMs: number, staleAfterDays = 30) =>
      (
        await createOfflineThreats({ world: { clock: { ...world.clock, epochMs: () => epochMs } }, list, staleAfterDays }).lookup(
          { packages: [], urls: [] },
          signal,
        )
      ).stale
    expect(await stale(Date.parse('2026-12-20T00:00:00Z'))).toBe(false)
    expect(await stale(Date.parse('2026-12-20T00:00:01Z'))).toBe(true)
    expect(await stale(0)).toBe(false)
    expect(await stale(Number.NaN)).toBe(true)
    for (const staleAfterDays of [0, -1, Number.NaN, Infinity, 5_000])
      expect(() => createOfflineThreats({ world, staleAfterDays })).toThrow(RangeError)
  })

  it('takes a newer list and no other', async () => {
    const threats = createOfflineThreats({ world, list })
    expect(threats.refresh(sealThreatList({ ...list, packages: [] }))).toBe(false)
    expect(threats.refresh(sealThreatList({ ...list, version: 3, packages: [] }))).toBe(true)
    expect(threats.list).toEqual({ name: 'a list', version: 3, date: '2026-11-20' })
    expect((await threats.lookup({ packages: [{ name: 'left-evil' }], urls: [] }, signal)).threats).toEqual([])
    expect(() => threats.refresh('{}')).toThrow('Cannot use the list of threats')
    expect(threats.list.version).toBe(3)
  })

  it('rejects with the reason of its signal', async () => {
    await expect(createOfflineThreats({ world }).lookup({ packages: [], urls: [] }, AbortSignal.abort('enough'))).rejects.toBe(
      'enough',
    )
  })

  it('ships a list that is one', () => {
    expect(loadThreatList(sealThreatList(builtInThreatList))).toEqual(builtInThreatList)
    expect(
      builtInThreatList.packages.every(({ versions }) => versions?.every((version) => /^\d+\.\d+\.\d+/.test(version)) ?? true),
    ).toBe(true)
  })
})

describe('loadThreatList()', () => {
  const keys = createEphemeralKeys()
  const refused = (text: string, options?: Parameters<typeof loadThreatList>[1]): string => {
    try {
      loadThreatList(text, options)
    } catch (error) {
      if (isHomeostatError(error, 'HS_THREAT_LIST_INVALID')) return error.details.reason
      throw error
    }
    return 'nothing'
  }

  it('reads what sealThreatList() wrote, signed or not', () => {
    expect(loadThreatList(sealThreatList(list))).toEqual(list)
    expect(loadThreatList(`\ufeff${sealThreatList(list, keys.current())}`, { keys })).toEqual(list)
    expect(Object.isFrozen(loadThreatList(sealThreatList(list)))).toBe(true)
  })

  it('refuses what was changed, is not signed, is signed by a stranger or for something else', () => {
    const signed = sealThreatList(list, keys.current())
    expect(refused(signed.replace('left-evil', 'left-good'))).toContain('digest')
    expect(refused(sealThreatList(list), { keys })).toContain('not signed')
    expect(refused(signed, { keys: createEphemeralKeys() })).toContain('not trusted')
    const { sha256: digest } = JSON.parse(signed) as { sha256: string }
    const wrong = Buffer.from(keys.current().sign(Buffer.from(digest))).toString('hex')
    expect(refused(signed.replace(/"value":"[0-9a-f]+"/, `"value":"${wrong}"`), { keys })).toContain('signature')
  })

  it('refuses what is no list, whatever it is', () => {
    const sealed = (value: unknown): string => JSON.stringify({ list: value, sha256: sha256(canonicalJson(value)) })
    for (const text of ['', 'null', '[]', '{}', '{"list":1,"sha256":"x"}']) expect(refused(text)).not.toBe('nothing')
    for (const value of [
      null,
      { ...list, format: 2 },
      { ...list, version: 0 },
      { ...list, date: '2026-02-30' },
      { ...list, more: 1 },
    ])
      expect(refused(sealed(value))).not.toBe('nothing')
    expect(refused(sealed({ ...list, hosts: [{ host: 'localhost', kind: 'malicious', reason: 'Not a domain' }] }))).not.toBe(
      'nothing',
    )
    expect(refused(' '.repeat(33 * 1024 * 1024))).toContain('longer')
    expect(() => sealThreatList({ ...list, name: '' })).toThrow('Cannot use the list of threats')
  })
})

describe('the threat stage of an audit', () => {
  it('blocks known malicious versions in manifests, installs and lockfiles of npm, yarn and pnpm', async () => {
    const locks = {
      'package-lock.json':
        '{\n  "packages": {\n    "node_modules/a/node_modules/chalk": {\n      "version": "5.6.1",\n      "resolved": "https://registry.example.com/chalk/-/chalk-5.6.1.tgz"\n    }\n  }\n}\n',
      'yarn.lock':
        '"chalk@^5.0.0", chalk@^5.1.0:\n  version "5.6.1"\n  resolved "https://registry.example.com/chalk/-/chalk-5.6.1.tgz#1"\n',
      'pnpm-lock.yaml': 'packages:\n\n  chalk@5.6.1:\n    resolution: {integrity: sha512-x}\n',
    }
    for (const [path, text] of Object.entries(locks)) {
      const audit = await observe(patchOf([[path, text.replace('5.6.1', '5.6.0'), text]]))
      expect(rulesIn(audit), path).toContain('THREAT-PACKAGE')
      expect(audit.findings.find(({ rule }) => rule === 'THREAT-PACKAGE')?.location.line, path).toBeGreaterThan(1)
    }
    expect(rulesIn(await observe(adds({ chalk: '5.6.1' })))).toContain('THREAT-PACKAGE')
    expect(rulesIn(await observe(adds({ chalk: '5.6.2' })))).not.toContain('THREAT-PACKAGE')
    const installed = { kind: 'install', id: 'i', manager: 'npm', folder: '', packages: [{ name: 'flatmap-stream' }] }
    const patch = { ...patchOf([]), actions: [installed] } as unknown as ReturnType<typeof patchOf> // Only what is read is there.
    const audit = await observe(patch)
    expect([audit.verdict, rulesIn(audit)]).toEqual(['block', expect.arrayContaining(['THREAT-PACKAGE'])])
  })

  it('says who was asked, and when there was nothing to ask', async () => {
    expect((await observe(adds({ pino: '^9.0.0' }))).stages.threatIntelligence).toMatchObject({
      state: 'done',
      reason: 'Asked: homeostat built-in list 1 of 2026-11-01',
    })
    const port = portOf(() => Promise.reject(new Error('unused')))
    const audit = await observe(patchOf([['src/a.js', 'a()\n', 'b()\n']]), {}, { threatIntelligence: port })
    expect(audit.stages.threatIntelligence.reason).toBe('The patch names no package and no address')
    expect([audit.verdict, port.asked]).toEqual(['allow', []])
  })

  it('asks each package and address once, with the version the patch names', async () => {
    const port = portOf(() => Promise.resolve({ threats: [], source: 'x' }))
    const diff =
      '--- a/src/a.js\n+++ b/src/a.js\n@@ -1 +1,3 @@\n a()\n+// https://one.example/a https://one.example/a\n+// see <http://two.example/b>.\n'
    await observe(diff, {}, { threatIntelligence: port })
    expect(port.asked[0]?.urls).toEqual(['https://one.example/a', 'http://two.example/b'])
    await observe(adds({ pino: '^9.0.0' }), {}, { threatIntelligence: port })
    expect(port.asked[1]).toEqual({ packages: [{ name: 'pino', version: '^9.0.0' }], urls: [] })
  })

  it('takes the word of a port, at the place that names the subject', async () => {
    const threat = { kind: 'malicious-package', subject: 'pino', reason: 'Reported today', verdict: 'review' }
    const port = portOf(() => Promise.resolve({ threats: [threat], source: 'a feed', date: '2026-11-20' }))
    const audit = await observe(adds({ pino: '^9.0.0' }), {}, { threatIntelligence: port })
    expect(audit.findings.find(({ rule }) => rule === 'THREAT-PACKAGE')).toMatchObject({
      verdict: 'review',
      message: 'pino: Reported today',
      location: { file: 'package.json', line: 4 },
    })
  })

  it.each([
    [
      'throws',
      () => {
        throw new Error('No route')
      },
    ],
    ['rejects', () => Promise.reject(new Error('No route'))],
    ['rejects with nothing', () => Promise.reject(undefined as unknown as Error)],
    ['answers with something else', () => Promise.resolve({ threats: [{ verdict: 'allow' }] })],
    ['answers with nothing', () => Promise.resolve(undefined)],
    [
      'floods',
      () =>
        Promise.resolve({
          source: 'x',
          threats: Array(1_001).fill({ kind: 'vulnerable', subject: 'a', reason: 'b', verdict: 'allow' }),
        }),
    ],
  ])('asks for a person when the port %s', async (_, answer) => {
    const audit = await observe(
      adds({ pino: '^9.0.0' }),
      {},
      { policy: { addedPackages: 'allow' }, threatIntelligence: portOf(answer) },
    )
    expect(audit.verdict).toBe('review')
    expect(audit.findings.find(({ rule }) => rule === 'THREAT-UNCHECKED')?.evidence).toBe('HS_THREAT_FAILED')
    expect(audit.stages.threatIntelligence.reason).toMatch(/^HS_THREAT_FAILED/)
  })

  it('does not wait for a port that hangs, and tells it to stop', async () => {
    const world = createTestWorld()
    let stopped: AbortSignal | undefined
    const port = portOf((_, heard) => new Promise(() => (stopped = heard)))
    const observer = new RiskyEditObserver({ world, threatIntelligence: port, threatTimeoutMs: 1_500 })
    const audit = await world.clock.until(observer.observe(adds({ pino: '^9.0.0' })))
    expect(audit.findings.find(({ rule }) => rule === 'THREAT-UNCHECKED')?.message).toContain('No answer within 1500 ms')
    expect(audit.stages.threatIntelligence.durationMs).toBe(1_500)
    expect([audit.verdict, stopped?.aborted, world.clock.sleeping]).toEqual(['review', true, 0])
  })

  it('rejects with the reason of the caller, and leaves no listener and no sleeper', async () => {
    const world = createTestWorld()
    const controller = new AbortController()
    const observer = new RiskyEditObserver({ world, threatIntelligence: portOf(() => new Promise(() => {})) })
    const audit = observer.observe(adds({ pino: '^9.0.0' }), { signal: controller.signal })
    controller.abort('enough')
    await expect(audit).rejects.toBe('enough')
    await expect(observer.observe('', { signal: controller.signal })).rejects.toBe('enough')
    expect(world.clock.sleeping).toBe(0)
  })

  it('says what was too much to ask for', async () => {
    const lines = Array.from({ length: 1_200 }, (_, index) => `see https://a${index}.example/\n`).join('')
    const audit = await observe(patchOf([['docs/a.md', '', lines]]))
    expect(audit.findings.find(({ rule }) => rule === 'THREAT-UNCHECKED')?.evidence).toBe('HS_THREAT_PARTIAL')
  })

  it('refuses a time that is none', () => {
    for (const threatTimeoutMs of [0, -1, Number.NaN, Infinity, 60_001])
      expect(() => new RiskyEditObserver({ threatTimeoutMs })).toThrow(RangeError)
  })

  it('has decided about packages that build themselves where any package is allowed', async () => {
    const patch = adds({ sharp: '^0.34.0' })
    expect(rulesIn(await observe(patch))).toContain('THREAT-INSTALL')
    expect((await observe(patch, {}, { policy: { addedPackages: 'allow' } })).verdict).toBe('allow')
    const lock =
      '{\n  "packages": {\n    "node_modules/x": {\n      "version": "1.0.0",\n      "hasInstallScript": true\n    }\n  }\n}\n'
    expect(
      rulesIn(await observe(patchOf([['package-lock.json', lock.replace('      "hasInstallScript": true\n', ''), lock]]))),
    ).toContain('THREAT-INSTALL')
  })
})
