import { describe, expect, it } from 'vitest'
import { sha256 } from '../../src/core/hash.js'
import type { CommandOptions, Sandbox } from '../../src/core/ports.js'
import type { Proposal, Repairer } from '../../src/core/repairer.js'
import { HomeostatError, SelfHealingOrchestrator, type PolicyInput, type Ports } from '../../src/index.js'
import type { BehaviourEvent, BehaviourObserver, BehaviourTrace } from '../../src/security/behaviour/behaviour-trace.js'
import { watched } from '../../src/orchestrator/heal/behaviour.js'
import { Trial } from '../../src/orchestrator/heal/trial.js'
import { parsePolicy } from '../../src/orchestrator/policy/policy.js'
import { createTestWorld } from '../../src/testing/test-world.js'
import { fakeProject, type Behaviour, type Files } from './fake-project.js'

const command = ['npm', 'test']
const source = "const git = require('child_process').spawn('git')\nbad(process.env.API_TOKEN)\n"
const repaired = source.replace('bad', 'good')
const failing = '/project/src/a.js:2\nbad()\n^\n\nTypeError: bad is not a function\n    at run (/project/src/a.js:2:1)\n'
const behave: Behaviour = (files) =>
  files['src/a.js']?.includes('good') === true || files['a.json'] === '{}\n' ? undefined : failing

const from = 'src/a.js'
const curl: BehaviourEvent = { kind: 'process', subject: 'curl', from }
const traceOf = (...events: readonly BehaviourEvent[]): BehaviourTrace => ({ events, processes: 1, complete: true })

interface Watching {
  readonly port: BehaviourObserver
  /** How each run was begun. */
  readonly begun: Parameters<BehaviourObserver['begin']>[0][]
  finished: number
  /** Whether the last run was that of a repaired project. */
  isRepaired: boolean
}

function watching(after: BehaviourTrace, before: BehaviourTrace = traceOf()): Watching {
  const watch: Watching = {
    begun: [],
    finished: 0,
    isRepaired: false,
    port: {
      blindSpots: [],
      begin(run) {
        watch.begun.push(run)
        const finish = (given = {}): Promise<BehaviourTrace> => {
          watch.finished += 1
          return Promise.resolve({ ...(watch.isRepaired ? after : before), ...given })
        }
        return Promise.resolve({ env: { WATCHED: '1' }, finish })
      },
    },
  }
  return watch
}

const replacing = (path: string, before: string, after: string): Proposal => ({
  title: 'Mend it',
  edits: [{ path, before, after, baseHash: sha256(before) }],
  actions: [],
  plausibility: 0.95,
  rationale: 'a test says so',
})

const proposing = (proposal: Proposal): Repairer => ({
  id: 'own',
  categories: ['runtime'],
  propose: () => Promise.resolve({ proposals: [proposal], notes: [] }),
})

interface Given {
  readonly watch?: Watching
  readonly behaviour?: BehaviourObserver
  readonly policy?: PolicyInput
  readonly proposal?: Proposal
  readonly files?: Files
  readonly behave?: Behaviour
  readonly ports?: Ports
}

function set({
  watch,
  policy = {},
  proposal,
  files = { 'src/a.js': source },
  behave: how = behave,
  ports = {},
  ...given
}: Given) {
  const behaviour = watch?.port ?? given.behaviour
  const project = fakeProject(files, (seen, ...rest) => {
    if (watch !== undefined) watch.isRepaired = seen['src/a.js'] === repaired
    return how(seen, ...rest)
  })
  const world = createTestWorld()
  const repairers = [proposing(proposal ?? replacing('src/a.js', source, repaired))]
  const healer = new SelfHealingOrchestrator(
    { autonomy: 'apply', confidence: { promoteMin: 0.5 }, ...policy },
    { world, ...project.ports, repairers, ...(behaviour !== undefined && { behaviour }), ...ports },
  )
  return { project, world, healer }
}

async function heal(given: Given) {
  const { project, world, healer } = set(given)
  const result = await world.clock.until(healer.healCode({ command }))
  return { result, dynamic: result.audit?.stages.dynamic, ...project }
}

describe('heal() and what a patched command does', () => {
  it('asks a person about a new behaviour that the patch does not name, however confident', async () => {
    const { result, files } = await heal({ watch: watching(traceOf(curl)) })
    expect(result).toMatchObject({ outcome: 'proposed', decision: { reasons: ['audit.review'] }, audit: { verdict: 'review' } })
    expect(result.audit?.findings.map(({ rule, evidence }) => [rule, evidence])).toEqual([['BEHAVIOUR-PROCESS', 'curl']])
    expect(files()['src/a.js']).toBe(source)
  })

  it('heals by itself when both runs do the same', async () => {
    const watch = watching(traceOf(curl), traceOf(curl))
    const { result, dynamic } = await heal({ watch })
    expect(result.outcome).toBe('healed')
    expect(dynamic).toMatchObject({ state: 'done', findings: [] })
    expect(dynamic?.reason).toBeUndefined()
    expect(watch.begun).toEqual([1, 2].map(() => ({ folder: '/copy-watched', root: '/copy', env: {} })))
    expect(watch.finished).toBe(2)
  })

  it('heals by itself what only reaches code that was there, and tells it', async () => {
    const reached: BehaviourEvent[] = [
      { kind: 'process', subject: 'git', from },
      { kind: 'environment', subject: 'API_TOKEN', from },
    ]
    const { result, dynamic } = await heal({ watch: watching(traceOf(...reached)) })
    expect(result.outcome).toBe('healed')
    expect(dynamic).toMatchObject({
      state: 'done',
      findings: [],
      reason: 'Code that was there before is reached now: src/a.js starts git, src/a.js reads the variable API_TOKEN',
    })
  })

  it('does not take the ports and the costs of a test that got further for new behaviour', async () => {
    const at = (port: number): BehaviourEvent => ({ kind: 'connection', subject: `127.0.0.1:${port}`, from })
    const after = { ...traceOf(at(4_711)), durationMs: 1e6, memoryBytesMax: 1e10 }
    const before = { ...traceOf(at(4_712)), durationMs: 1, memoryBytesMax: 1 }
    const { result, dynamic } = await heal({ watch: watching(after, before) })
    expect(dynamic).toMatchObject({ state: 'done', findings: [] })
    expect(result.outcome).toBe('healed')
  })

  it.each<[string, Given, string]>([
    ['the policy says off', { policy: { security: { dynamic: 'off' } } }, 'The policy says security.dynamic "off"'],
    [
      'the patch changes no code',
      { files: { 'a.json': '{,}\n', 'src/a.js': source }, proposal: replacing('a.json', '{,}\n', '{}\n') },
      'The patch changes no code: there is nothing that could behave otherwise',
    ],
  ])('runs nothing more when %s, and says so', async (_, given, reason) => {
    const watch = watching(traceOf(curl))
    const { result, dynamic, runs } = await heal({ watch, ...given })
    expect(result.outcome).toBe('healed')
    expect(dynamic).toMatchObject({ state: 'skipped', reason })
    expect(runs.filter(({ where }) => where === 'sandbox').length).toBe(2)
  })

  it('says why nobody could watch, and runs nothing more', async () => {
    const port = { ...watching(traceOf()).port, begin: () => Promise.reject(new Error('no room\nleft')) }
    const { result, dynamic, runs } = await heal({ behaviour: port })
    expect(result.outcome).toBe('healed')
    expect(dynamic).toMatchObject({ state: 'skipped', reason: 'The command could not be watched: no room left' })
    expect(runs.filter(({ where }) => where === 'sandbox').length).toBe(2)
    // The observer of Node has no business in a sandbox that is not of this machine.
    const own = await heal({})
    expect(own.result.outcome).toBe('healed')
    expect(own.dynamic).toMatchObject({ state: 'skipped', reason: expect.stringContaining('"/copy"') })
  })

  it('says so when only the project as it was could not be watched, and when nobody is there to watch', async () => {
    const watch = watching(traceOf(curl))
    const begin: BehaviourObserver['begin'] = (run) =>
      watch.begun.length === 0 ? watch.port.begin(run) : Promise.reject(new Error('gone'))
    const { dynamic } = await heal({ behaviour: { blindSpots: [], begin } })
    expect(dynamic).toMatchObject({ state: 'skipped', reason: 'The command could not be watched: gone' })

    const { ports } = fakeProject({ 'src/a.js': source }, behave)
    const options = { policy: parsePolicy(), ports }
    const trial = await Trial.of(ports.openWorkspace('.'), options, new AbortController().signal)
    expect(await watched(trial, options, () => Promise.reject(new Error('it was run')))).toBe(
      'There is nobody who could watch a command',
    )
  })

  it('survives an observer that loses what it saw', async () => {
    const port: BehaviourObserver = {
      blindSpots: [],
      begin: () => Promise.resolve({ env: {}, finish: () => Promise.reject(new Error('lost')) }),
    }
    const { result, dynamic } = await heal({ behaviour: port })
    expect(result.outcome).toBe('healed')
    const unwatched = { state: 'skipped', reason: 'No process of the run before the patch was watched' }
    expect(dynamic).toMatchObject(unwatched)
    const git = traceOf({ kind: 'process', subject: 'git', from })
    const early = await heal({ watch: watching(git, { ...traceOf(), processes: 0 }) })
    expect(early.dynamic).toMatchObject(unwatched)
  })

  it('tells when the command does not pass under watch, and judges what it did', async () => {
    let passed = 0
    const flaky: Behaviour = (files) =>
      behave(files, 'sandbox', command) === undefined && (passed += 1) === 1 ? undefined : failing
    const { result, dynamic } = await heal({ watch: watching(traceOf(curl)), behave: flaky })
    expect(dynamic).toMatchObject({ state: 'done', reason: 'The command did not pass with the patch when it was watched' })
    expect(result.audit?.verdict).toBe('review')
  })

  it('keeps every reason', async () => {
    const after = { ...traceOf({ kind: 'process', subject: 'git', from }), complete: false }
    const { dynamic } = await heal({ watch: watching(after) })
    expect(dynamic?.reason).toBe(
      'The runs did more than the traces keep; Code that was there before is reached now: src/a.js starts git',
    )
  })

  it('tidies up after a run that was stopped', async () => {
    const watch = watching(traceOf())
    const abort = new AbortController()
    const stopping: Behaviour = (files) => {
      if (watch.begun.length === 1) abort.abort(new Error('enough'))
      return behave(files, 'sandbox', command)
    }
    const { world, healer } = set({ watch, behave: stopping })
    await expect(world.clock.until(healer.healCode({ command, signal: abort.signal }))).rejects.toThrow('enough')
    expect([watch.begun.length, watch.finished]).toEqual([1, 1])
  })

  it('hands the options of Node on that the user has set', async () => {
    const watch = watching(traceOf())
    await heal({ watch, ports: { environment: { NODE_OPTIONS: '--no-warnings', SECRET: 'x' } } })
    expect(watch.begun[0]?.env).toEqual({ NODE_OPTIONS: '--no-warnings' })
  })
})

describe('applyPatch() and what a patched command does', () => {
  const edits = [{ path: 'src/a.js', before: source, after: repaired, baseHash: sha256(source) }]
  const patch = { id: 'given', title: 'Given', strategy: 'own', edits, actions: [] }
  const apply = (given: Given, accept: readonly string[] = []) => {
    const { project, world, healer } = set(given)
    const told: string[] = []
    healer.on('patch.audited', ({ audit }) => told.push(audit.verdict))
    const receipt = world.clock.until(healer.applyPatch(patch, { reason: 'a test', command, accept }))
    return { receipt, told, ...project }
  }

  it('refuses a new behaviour that nobody has accepted, and changes nothing', async () => {
    const { receipt, told, files } = apply({ watch: watching(traceOf(curl)) })
    await expect(receipt).rejects.toMatchObject({
      code: 'HS_APPROVAL_MISSING',
      message: expect.stringContaining('BEHAVIOUR-PROCESS'),
    })
    expect(told).toEqual([])
    expect(files()['src/a.js']).toBe(source)
  })

  /** A sandbox that makes one copy only. */
  const onlyOnce = (error: Error): Ports => {
    const { ports } = fakeProject({ 'src/a.js': source }, behave)
    const sandbox = ports.sandbox({} as Parameters<typeof ports.sandbox>[0]) // the fake reads no limits
    let opened = 0
    const once: Sandbox = {
      ...sandbox,
      open: (root, options) => ((opened += 1) === 1 ? sandbox.open(root, options) : Promise.reject(error)),
    }
    return { sandbox: () => once }
  }

  it('says that the project as it was could not be watched when there is no room for another copy', async () => {
    const full = new HomeostatError('HS_SANDBOX_FAILED', { reason: 'the disk is full' })
    const { audit } = await apply({ watch: watching(traceOf(curl)), ports: onlyOnce(full) }).receipt
    expect(audit.stages.dynamic).toMatchObject({ state: 'skipped', reason: expect.stringContaining('the disk is full') })
  })

  it('lets an error of somebody else pass', async () => {
    const given = { watch: watching(traceOf(curl)), ports: onlyOnce(new TypeError('a mistake')) }
    await expect(apply(given).receipt).rejects.toThrow('a mistake')
    const odd = { blindSpots: [], begin: () => Promise.reject('no reason' as unknown as Error) } // ports may reject with anything
    const { audit } = await apply({ behaviour: odd }).receipt
    expect(audit.stages.dynamic.reason).toBe('The command could not be watched: no reason')
  })

  it('compares what two runs cost that both went to the end', async () => {
    const slow = { ...traceOf(), memoryBytesMax: 2e9 }
    const given = { watch: watching(slow, { ...slow, memoryBytesMax: 1e8 }), behave: () => undefined }
    const { audit } = await apply(given).receipt
    expect(audit.stages.dynamic.findings.map(({ rule }) => rule)).toEqual(['BEHAVIOUR-COST'])
  })

  it('applies it when a person has, with both runs in the audit that is sealed', async () => {
    const { receipt, told, files } = apply({ watch: watching(traceOf(curl)) }, ['BEHAVIOUR-PROCESS'])
    const { audit } = await receipt
    expect(audit).toMatchObject({ verdict: 'review', stages: { dynamic: { state: 'done' } } })
    expect(told).toEqual(['review'])
    expect(files()['src/a.js']).toBe(repaired)
  })
})

describe('heal() and a command that hangs', () => {
  it('tells the silence as an event, and in a note when it lasts', async () => {
    const { world, healer, project } = set({ policy: { autonomy: 'observe' } })
    const { runner } = project.ports
    const silent = (options: CommandOptions): void => {
      options.onStall?.({ silentMs: 15_000, suspicion: 'suspicious' })
      options.onStall?.({ silentMs: 45_000, suspicion: 'extreme' })
    }
    const hanging = new SelfHealingOrchestrator(
      { autonomy: 'observe' },
      {
        ...project.ports,
        world,
        runner: {
          run: (what, options) => {
            silent(options)
            return runner.run(what, options)
          },
        },
      },
    )
    const told: unknown[] = []
    hanging.on('command.stalled', ({ where, silentMs, suspicion }) => told.push([where, silentMs, suspicion]))
    const result = await world.clock.until(hanging.healCode({ command }))
    expect(told).toEqual([
      ['workspace', 15_000, 'suspicious'],
      ['workspace', 45_000, 'extreme'],
    ])
    expect(result.outcome).toBe('escalated')
    expect(result.notes).toEqual([expect.stringContaining('wrote nothing and computed nothing')])
    await healer.close()
  })
})
