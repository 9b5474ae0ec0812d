import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { phrasesOf, reachedNow, withoutPorts } from '../../src/orchestrator/heal/reached-code.js'
import type { BehaviourEvent, BehaviourTrace } from '../../src/security/behaviour/behaviour-trace.js'

const traceOf = (events: readonly BehaviourEvent[]): BehaviourTrace => ({ events, processes: 1, complete: true })
const from = 'src/a.js'
const patchOf = (before: string | null) => ({
  id: 'p',
  title: '',
  strategy: 'own',
  edits: [{ path: from, before, after: '', baseHash: null }],
  actions: [],
})
const reached = (text: string | null, ...events: readonly BehaviourEvent[]) =>
  reachedNow({ before: traceOf([]), after: traceOf(events) }, patchOf(text)).map(({ subject }) => subject)

describe('reachedNow()', () => {
  it('finds what the text of the edited file has named before', () => {
    expect(reached("spawn('git')", { kind: 'process', subject: 'git', from })).toEqual(['git'])
    expect(reached('process.env.API_TOKEN', { kind: 'environment', subject: 'API_TOKEN', from })).toEqual(['API_TOKEN'])
    expect(reached("get('https://api.example/v1')", { kind: 'connection', subject: 'api.example:443', from })).toHaveLength(1)
    expect(reached("join(home, '.shoprc')", { kind: 'read', subject: '~/.shoprc', from })).toHaveLength(1)
    expect(reached("spawn('git')", { kind: 'process', subject: 'git' })).toEqual(['git'])
  })

  it('finds nothing that only looks like it', () => {
    expect(reached("spawn('digit')", { kind: 'process', subject: 'git', from })).toEqual([])
    expect(reached("// git\nimport 'node:test'", { kind: 'process', subject: 'node', from })).toEqual([])
    expect(reached('process.env.API_TOKEN_2', { kind: 'environment', subject: 'API_TOKEN', from })).toEqual([])
    expect(reached('process.env.HOME', { kind: 'environment', subject: '*', from })).toEqual([])
    expect(reached("spawn('git')", { kind: 'process', subject: 'git', from: 'src/other.js' })).toEqual([])
    expect(reached(null, { kind: 'process', subject: 'git', from })).toEqual([])
    expect(reached('x', { kind: 'environment', subject: 'x', from })).toEqual([])
  })

  it('takes each variable for read by whoever listed them all before', () => {
    const all: BehaviourEvent[] = ['*', 'NPM_TOKEN'].map((subject) => ({ kind: 'environment', subject, from }))
    expect(reached('run({ ...process.env })', ...all)).toEqual(['*', 'NPM_TOKEN'])
    expect(reached('process.env.HOME', ...all)).toEqual([])
  })

  it('never finds what was done before, nor what was not done', () => {
    const event: fc.Arbitrary<BehaviourEvent> = fc.record({
      kind: fc.constantFrom('read', 'write', 'process', 'connection', 'environment'),
      subject: fc.constantFrom('git', '*', 'TOKEN', '/a/b', 'h:1', '__proto__'),
      from: fc.constantFrom(from, 'src/b.js', '__proto__'),
    })
    fc.assert(
      fc.property(fc.array(event), fc.array(event), fc.string(), (before, after, text) => {
        const found = reachedNow({ before: traceOf(before), after: traceOf(after) }, patchOf(`spawn process.env git ${text}`))
        for (const one of found) {
          expect(after).toContain(one)
          expect(before.some(({ kind, subject }) => kind === one.kind && subject === one.subject)).toBe(false)
        }
      }),
    )
  })
})

describe('withoutPorts()', () => {
  it("takes the ports of this machine's own connections away, and nothing else", () => {
    const events = ['127.0.0.1:1', 'localhost:2', '127.0.0.1:3', '::1:4', 'other.example:443', 'unix:/run/x.sock'].map(
      (subject): BehaviourEvent => ({ kind: 'connection', subject, from }),
    )
    const named: BehaviourEvent = { kind: 'environment', subject: 'localhost:2' }
    const plain = withoutPorts(traceOf([...events, named]))
    expect(plain.events.map(({ subject }) => subject)).toEqual([
      '127.0.0.1',
      'localhost',
      '::1',
      'other.example:443',
      'unix:/run/x.sock',
      'localhost:2',
    ])
    expect(withoutPorts(plain)).toEqual(plain)
  })
})

it('phrasesOf() says what was done, and who did it if that is known', () => {
  const all: BehaviourEvent[] = ['*', 'A'].map((subject) => ({ kind: 'environment', subject, from }))
  expect(
    phrasesOf([
      { kind: 'connection', subject: 'h:1', from },
      { kind: 'environment', subject: 'A' },
    ]),
  ).toBe('src/a.js connects to h:1, reads the variable A')
  expect(phrasesOf(all)).toBe('src/a.js reads all variables')
})
