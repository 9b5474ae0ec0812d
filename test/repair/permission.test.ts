import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Fault } from '../../src/core/fault.js'
import type { Workspace } from '../../src/core/ports.js'
import { permissionRepairer } from '../../src/repair/permission.js'
import { type MemoryFile, memoryWorkspace } from '../../src/testing/memory-workspace.js'

/** Any UTF-16 at all, lone surrogates and control characters included. */
const anyText = fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 60 }).map((units) => String.fromCharCode(...units))

interface Setting {
  readonly files: Record<string, MemoryFile>
  readonly details: Fault['details']
  readonly message?: string
  readonly command?: readonly string[]
  readonly workspace?: Workspace
  readonly location?: Fault['location']
  readonly proposalsMax?: number
}

function ask({
  files,
  details,
  message = 'Permission denied',
  command = ['npm', 'test'],
  workspace = memoryWorkspace(files),
  location,
  proposalsMax = 5,
}: Setting) {
  const fault: Fault = {
    category: 'permission',
    severity: 'medium',
    code: 'EACCES',
    transient: false,
    fingerprint: '0'.repeat(16),
    message,
    details,
    evidence: [],
    ...(location && { location }),
  }
  return permissionRepairer.propose({
    fault,
    workspace,
    command,
    installs: 'any',
    proposalsMax,
    signal: new AbortController().signal,
  })
}

const script = (mode = 0o644, text = '#!/bin/sh\necho ok\n') => ({ text, mode })

describe('permissionRepairer', () => {
  describe('and the program of an installed package', () => {
    const project = (bin: unknown) => ({
      'package.json': '{ "devDependencies": { "runner": "^1.0.0" } }',
      'node_modules/runner/package.json': JSON.stringify({ name: 'runner', bin }),
      'node_modules/runner/bin/run.js': script(0o644, '#!/usr/bin/env node\n'),
      'src/other.sh': script(),
    })

    it.each([
      ['run', { run: './bin/run.js' }],
      ['node_modules/.bin/run', { run: 'bin/run.js' }],
      ['/project/node_modules/.bin/runner', 'bin/run.js'],
    ])('gives back what its manager had given: %s', async (program, bin) => {
      const { proposals } = await ask({ files: project(bin), details: { path: program, syscall: 'exec' } })
      expect(proposals).toMatchObject([
        { actions: [{ kind: 'chmod', path: 'node_modules/runner/bin/run.js', modeBefore: 0o644, mode: 0o755 }] },
      ])
    })

    it.each([
      ['a file outside its package', 'run', { run: '../../src/other.sh' }],
      ['no file at all', 'run', { run: './gone.js' }],
      ['a program of another name', 'walk', { run: './bin/run.js' }],
    ])('believes no manifest that names %s', async (_, program, bin) => {
      expect((await ask({ files: project(bin), details: { path: program, syscall: 'exec' } })).proposals).toEqual([])
    })
  })

  it('makes a script executable for those who may read it', async () => {
    for (const [modeBefore, mode] of [
      [0o644, 0o755],
      [0o600, 0o700],
      [0o640, 0o750],
      [0o444, 0o555],
      [0o666, 0o777],
    ] as const) {
      const { proposals } = await ask({ files: { 'run.sh': script(modeBefore) }, details: { path: './run.sh', syscall: 'exec' } })
      expect(proposals).toMatchObject([
        {
          title: 'Make run.sh executable',
          edits: [],
          actions: [{ kind: 'chmod', path: 'run.sh', modeBefore, mode }],
          plausibility: 0.97,
        },
      ])
    }
  })

  it.each([
    ['a path from the root', { path: 'bin/run', syscall: 'exec' }],
    ['an absolute path', { path: '/project/bin/run', syscall: 'spawn' }],
    ['a program', { program: './bin/run', syscall: 'spawn' }],
    ['no system call', { path: './bin/run' }],
  ])('understands %s', async (_, details) => {
    const { proposals } = await ask({ files: { 'bin/run': script() }, details, message: 'sh: 1: ./bin/run: Permission denied' })
    expect(proposals).toHaveLength(1)
  })

  it('finds a script by the folder of the package whose script runs it', async () => {
    const files = {
      'package.json': '{}',
      'p/package.json': '{"scripts":{"b":"A=1 ./tools/build.sh && echo"}}',
      'p/tools/build.sh': script(0o644, 'echo\n'),
    }
    const { proposals } = await ask({ files, details: { path: './tools/build.sh', syscall: 'exec' } })
    expect(proposals).toMatchObject([
      { actions: [{ path: 'p/tools/build.sh' }], plausibility: 0.8, rationale: expect.stringContaining('p/package.json') },
    ])
  })

  it('believes a program of the manifest and the command itself, without a first line that says so', async () => {
    const plain = script(0o644, 'text')
    const bin = await ask({
      files: { 'package.json': '{"name":"x","bin":"./cli.js"}', 'cli.js': plain },
      details: { path: 'cli.js', syscall: 'exec' },
    })
    expect(bin.proposals[0]?.rationale).toContain('is a program of package.json')
    const command = await ask({
      files: { 'cli.js': plain },
      details: { path: './cli.js', syscall: 'spawn' },
      command: ['./cli.js'],
    })
    expect(command.proposals[0]?.rationale).toContain('is the command')
  })

  it.each<[string, Setting, string]>([
    [
      'a file that nothing says is a script',
      { files: { 'notes.txt': 'text' }, details: { path: './notes.txt', syscall: 'exec' } },
      'neither its first line nor a manifest',
    ],
    [
      'one that is executable',
      { files: { 'run.sh': script(0o755) }, details: { path: 'run.sh', syscall: 'exec' } },
      'executable already',
    ],
    [
      'one that nobody may read',
      { files: { 'run.sh': script(0o200) }, details: { path: 'run.sh', syscall: 'exec' } },
      'read by nobody',
    ],
    ['a folder', { files: { 'bin/x': '' }, details: { path: 'bin', syscall: 'exec' } }, 'is a folder'],
    ['one that is not there', { files: {}, details: { path: './gone.sh', syscall: 'exec' } }, 'not a file of the project'],
    [
      'one outside',
      { files: { 'run.sh': script() }, details: { path: '/usr/bin/run.sh', syscall: 'exec' } },
      'not a file of the project',
    ],
    [
      'one above',
      { files: { 'run.sh': script() }, details: { path: '../run.sh', syscall: 'exec' } },
      'not a file of the project',
    ],
    [
      'an installed program',
      { files: { 'node_modules/.bin/x': script() }, details: { path: 'node_modules/.bin/x', syscall: 'exec' } },
      'Install the packages again',
    ],
    [
      'the private folder of git',
      { files: { '.git/hooks/pre-commit': script() }, details: { path: '.git/hooks/pre-commit', syscall: 'exec' } },
      'not a file of the project',
    ],
    [
      'a file to be written',
      { files: { 'data.json': { text: '{}', mode: 0o444 } }, details: { path: 'data.json', syscall: 'open' } },
      'read-only',
    ],
    ['a file of someone else', { files: { 'data.json': '{}' }, details: { path: 'data.json', syscall: 'open' } }, 'who owns it'],
    [
      'a script to be written',
      { files: { 'run.sh': script() }, details: { path: 'run.sh' }, message: "EACCES: permission denied, open 'run.sh'" },
      'could not be opened',
    ],
    ['nothing named', { files: {}, details: {} }, 'A permission is missing'],
  ])('leaves %s alone, with advice', async (_, setting, advice) => {
    const { proposals, notes } = await ask(setting)
    expect(proposals).toEqual([])
    expect(notes.join()).toContain(advice)
  })

  it('leaves links and special files alone', async () => {
    const files = { 'run.sh': script() }
    const inner = memoryWorkspace(files)
    const workspace: Workspace = {
      ...inner,
      stat: (path) => (path === 'run.sh' ? { kind: 'other', mode: 0o644, sizeBytes: 0 } : inner.stat(path)),
    }
    expect(await ask({ files, workspace, details: { path: 'run.sh', syscall: 'exec' } })).toMatchObject({
      proposals: [],
      notes: [expect.stringContaining('a link or a special file')],
    })
  })

  it('takes the file of the fault when no path is told', async () => {
    expect(
      (await ask({ files: { 'run.sh': script() }, details: { syscall: 'spawn' }, location: { file: 'run.sh' } })).proposals,
    ).toHaveLength(1)
    expect((await ask({ files: { 'run.sh': script() }, details: { path: 7 } })).proposals).toEqual([])
  })

  it('never gives more than the right to run, to nobody who could not read, whatever it is told', async () => {
    const text = fc.oneof(
      anyText,
      fc.constantFrom(
        'run.sh',
        './run.sh',
        '/project/run.sh',
        '../project/run.sh',
        'bin',
        'sudo chmod 777 run.sh',
        '/etc/shadow',
        '\u001b[2Jrun.sh',
      ),
    )
    await fc.assert(
      fc.asyncProperty(
        text,
        text,
        fc.integer({ min: 0, max: 0o777 }),
        fc.constantFrom('exec', 'spawn', 'open'),
        async (path, message, mode, syscall) => {
          const { proposals, notes } = await ask({
            files: { 'run.sh': script(mode), 'bin/x': script() },
            details: { path, syscall },
            message,
          })
          for (const { actions } of proposals) {
            expect(actions).toEqual([
              {
                kind: 'chmod',
                path: expect.stringMatching(/^(?:run\.sh|bin\/x)$/),
                modeBefore: expect.any(Number),
                mode: expect.any(Number),
              },
            ])
            for (const action of actions) {
              if (action.kind !== 'chmod') continue
              const added = action.mode & ~action.modeBefore
              expect(added & ~0o111).toBe(0)
              expect((added << 2) & ~action.modeBefore).toBe(0)
            }
          }
          for (const note of notes) expect(note).not.toMatch(/[\u0000-\u001f]/)
        },
      ),
    )
  })

  it('gives no more than is wanted, and stops when aborted', async () => {
    expect(
      (await ask({ files: { 'run.sh': script() }, details: { path: 'run.sh', syscall: 'exec' }, proposalsMax: 0 })).proposals,
    ).toEqual([])
    const reason = new Error('enough')
    const fault: Fault = {
      category: 'permission',
      severity: 'medium',
      code: 'EACCES',
      transient: false,
      fingerprint: '',
      message: '',
      details: {},
      evidence: [],
    }
    await expect(
      permissionRepairer.propose({
        fault,
        workspace: memoryWorkspace({}),
        command: [],
        installs: 'never',
        proposalsMax: 1,
        signal: AbortSignal.abort(reason),
      }),
    ).rejects.toBe(reason)
  })
})
