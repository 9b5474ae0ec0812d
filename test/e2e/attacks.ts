import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { closeSync, existsSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { environmentHolds, listProcesses } from '../../src/adapters/process-table.js'
import type { CommandResult } from '../../src/core/ports.js'

/**
 * How an attack ended, as seen from outside. `reached`: something outside the copy was read, changed or talked to. `inside`: it ran,
 * and nobody outside noticed. `stopped`: it was refused. `ended`: a limit killed it.
 */
export type Ending = 'reached' | 'inside' | 'stopped' | 'ended'

/** How bad an ending is, for those whom the sandbox protects. */
export const harm: Readonly<Record<Ending, number>> = { reached: 2, inside: 1, stopped: 0, ended: 0 }

/** In what an attack is run. */
export const columns = ['none', 'process', 'bubblewrap', 'unshare'] as const
export type Column = (typeof columns)[number]

/** What attacks aim at: things of the machine that no sandboxed command may touch. */
export interface Targets {
  /** A folder outside, with the file `secret` in it. */
  readonly outside: string
  /** Where somebody listens, on the loopback address. */
  readonly port: number
  readonly udpPort: number
  readonly socket: string
  /** A process that the attack has no business with. */
  readonly victim: number
  /** How many have called, by any of the three. */
  calls(): number
}

export interface Attack {
  readonly name: string
  /** What the script does, for people. */
  readonly tries: string
  /** Runs in Node, behind the walls; prints `done` when it had its way, and something else, or nothing, when it had not. */
  readonly script: string
  /** Evidence from outside that it got there; absent: what it printed is the evidence, for it could only read. */
  readonly reached?: (targets: Targets, said: string) => boolean
  /** What it is known to come to, in the order of {@link columns}. */
  readonly comesTo: readonly [none: Ending, process: Ending, bubblewrap: Ending, unshare: Ending]
  /** The same for the machine's root, where that differs. */
  readonly asRoot?: Attack['comesTo']
  /** Absent: that of {@link attackLimits}. */
  readonly timeoutMs?: number
  /** Absent: none. Counted together with what else the user runs, so an attack with it must run alone. */
  readonly processesMax?: number
}

const secret = 'canary-of-homeostat'
/** Limits under which attacks are run: small, so that an attack is over soon and does the machine no harm. */
export const attackLimits = {
  timeoutMs: 10_000,
  outputBytesMax: 20_000,
  memoryBytesMax: 64 * 1_048_576,
  fileBytesMax: 4 * 1_048_576,
} as const

/** What every script starts with. */
const prelude = `
const fs = require('node:fs'), { join } = require('node:path'), { spawn, spawnSync } = require('node:child_process')
const [outside, port, udpPort, socket, victim] = process.argv.slice(1)
const done = () => console.log('done')
`

const read = (_: Targets, said: string): boolean => said.includes(secret)
const called = (targets: Targets): boolean => targets.calls() > 0
const written =
  (name: string) =>
  ({ outside }: Targets): boolean =>
    existsSync(join(outside, name))

/** Each bounded, each on loopback and in folders of the test only. */
export const attacks: readonly Attack[] = [
  {
    name: 'read outside',
    tries: 'reads a file outside the copy by its absolute path',
    script: `console.log(fs.readFileSync(join(outside, 'secret'), 'utf8'))`,
    reached: read,
    comesTo: ['reached', 'reached', 'stopped', 'stopped'],
  },
  {
    name: 'write outside',
    tries: 'overwrites a file outside, and changes its mode',
    script: `fs.chmodSync(join(outside, 'secret'), 0o640); fs.writeFileSync(join(outside, 'secret'), 'changed'); done()`,
    reached: ({ outside }) =>
      readFileSync(join(outside, 'secret'), 'utf8') !== secret || (statSync(join(outside, 'secret')).mode & 0o777) !== 0o600,
    comesTo: ['reached', 'reached', 'stopped', 'stopped'],
  },
  {
    name: 'database outside',
    tries: 'lets `node:sqlite` make a database outside, past checks of `node:fs`',
    script: `new (require('node:sqlite').DatabaseSync)(join(outside, 'made.db')).exec('create table t (x)'); done()`,
    reached: written('made.db'),
    comesTo: ['reached', 'reached', 'stopped', 'stopped'],
  },
  {
    name: 'another program',
    tries: 'has a shell write outside',
    script: `spawnSync('sh', ['-c', 'echo x > "$1/by-shell"', 'sh', outside]).status === 0 && done()`,
    reached: written('by-shell'),
    comesTo: ['reached', 'reached', 'stopped', 'stopped'],
  },
  {
    name: 'link out',
    tries: 'makes a link in the copy to a folder outside, and writes through it',
    script: `fs.symlinkSync(outside, 'way-out'); fs.writeFileSync('way-out/by-link', 'x'); done()`,
    reached: written('by-link'),
    comesTo: ['reached', 'reached', 'stopped', 'stopped'],
  },
  {
    name: 'network',
    tries: 'connects by TCP and sends by UDP to a server outside',
    script: `
      const talk = require('node:net').connect(Number(port), '127.0.0.1', () => { done(); talk.end() }).on('error', () => {})
      const mail = require('node:dgram').createSocket('udp4')
      mail.send('x', Number(udpPort), '127.0.0.1', () => mail.close())`,
    reached: called,
    comesTo: ['reached', 'reached', 'stopped', 'stopped'],
  },
  {
    name: 'socket file',
    tries: 'connects to a Unix socket outside, as of a container engine',
    script: `const talk = require('node:net').connect(socket, () => { done(); talk.end() }).on('error', () => {})`,
    reached: called,
    comesTo: ['reached', 'reached', 'stopped', 'stopped'],
  },
  {
    name: 'environment',
    tries: 'looks for a secret in the environment it was given, and in that of another process of the user',
    // Of the one process that the test has started for it, and it says no more than whether the secret is there.
    script: `
      const environments = [JSON.stringify(process.env)]
      try { environments.push(fs.readFileSync('/proc/' + victim + '/environ', 'latin1')) } catch {}
      if (environments.some((text) => text.includes('canary-of-' + 'homeostat'))) console.log('canary-of-' + 'homeostat')`,
    reached: read,
    comesTo: ['reached', 'reached', 'stopped', 'stopped'],
  },
  {
    name: 'signal',
    tries: 'kills a process that is not its own',
    script: `process.kill(Number(victim), 'SIGKILL'); done()`,
    reached: ({ victim }) => !listProcesses().some(({ pid, ended }) => pid === victim && !ended),
    comesTo: ['reached', 'reached', 'stopped', 'stopped'],
  },
  {
    name: 'settings of the machine',
    tries: 'opens a setting of the kernel for writing, which only root may',
    script: `fs.closeSync(fs.openSync('/proc/sys/kernel/core_pattern', 'r+')); done()`,
    reached: (_, said) => said.includes('done'),
    comesTo: ['stopped', 'stopped', 'stopped', 'stopped'],
    asRoot: ['reached', 'reached', 'stopped', 'stopped'],
  },
  {
    name: 'descriptors',
    tries: 'looks for open files of its parent beyond standard input and output',
    script: `
      const isFile = (path) => { try { return fs.statSync(path).isFile() } catch { return false } }
      const open = fs.readdirSync('/proc/self/fd').map((fd) => '/proc/self/fd/' + fd).filter(isFile)
      console.log(...open.map((path) => fs.readFileSync(path, 'utf8')))`,
    reached: read,
    comesTo: ['stopped', 'stopped', 'stopped', 'stopped'],
  },
  {
    name: 'left behind',
    tries: 'leaves a process that has gone from its parent, session, environment and pipes',
    script: `
      const body = 'require("node:fs").writeFileSync("alive", String(process.pid)); setTimeout(() => {}, 2000)'
      const leave = 'require("node:child_process").spawn(process.execPath, ["-e", ' + JSON.stringify(body) + '], { detached: true, stdio: "ignore", env: { ATTACK: process.argv[1] } }).unref()'
      spawn(process.execPath, ['-e', leave, outside], { detached: true, stdio: 'ignore', env: {} }).on('exit', () => {
        const wait = setInterval(() => { if (fs.existsSync('alive')) { clearInterval(wait); done() } }, 10)
      })`,
    reached: ({ outside }) => listProcesses().some(({ pid, ended }) => !ended && environmentHolds(pid, `ATTACK=${outside}`)),
    comesTo: ['reached', 'reached', 'inside', 'inside'],
  },
  {
    name: 'many processes',
    tries: 'starts 100 processes at once, where 64 threads and processes are allowed',
    script: `
      const all = Array.from({ length: 100 }, () => spawn('sleep', ['2'], { stdio: 'ignore' }))
      let failed = 0
      for (const child of all) child.on('error', () => (failed += 1))
      setTimeout(() => { if (failed === 0) done(); process.exit() }, 300)`,
    processesMax: 64,
    comesTo: ['inside', 'stopped', 'stopped', 'stopped'],
    asRoot: ['inside', 'inside', 'inside', 'inside'],
  },
  {
    name: 'large file',
    tries: 'writes 16 MiB into one file, where 4 are allowed',
    script: `fs.writeFileSync('large', Buffer.alloc(16 * 1048576)); done()`,
    comesTo: ['inside', 'stopped', 'stopped', 'stopped'],
  },
  {
    name: 'heap',
    tries: 'fills the heap of Node beyond its 64 MiB',
    script: `const all = []; for (let size = 0; size < 150; size += 1) all.push(Array.from({ length: 131072 }, (_, n) => n + 0.5)); done()`,
    comesTo: ['inside', 'ended', 'ended', 'ended'],
  },
  {
    name: 'memory beside the heap',
    tries: 'takes 128 MiB in buffers, which no limit on the heap counts',
    script: `const all = Array.from({ length: 8 }, () => Buffer.alloc(16 * 1048576, 1)); if (all.length === 8) done()`,
    comesTo: ['inside', 'inside', 'inside', 'inside'],
  },
  {
    name: 'endless loop',
    tries: 'never ends, and ignores every polite signal',
    script: `process.on('SIGTERM', () => {}); for (;;);`,
    timeoutMs: 500,
    comesTo: ['ended', 'ended', 'ended', 'ended'],
  },
]

/** The command of an attack, for Node. */
export function commandOf({ script }: Attack, { outside, port, udpPort, socket, victim }: Targets): readonly string[] {
  return [process.execPath, '-e', `${prelude}${script}`, outside, String(port), String(udpPort), socket, String(victim)]
}

/** What an attack came to. */
export function endingOf({ reached }: Attack, result: CommandResult, targets: Targets): Ending {
  if (reached?.(targets, result.output) === true) return 'reached'
  if (result.ending === 'timed-out' || result.ending === 'killed') return 'ended'
  return /^done$/m.test(result.output) ? 'inside' : 'stopped'
}

/** What it is known to come to, for the user who runs this. */
export function knownEnding(attack: Attack, column: Column): Ending {
  const endings = process.getuid?.() === 0 ? (attack.asRoot ?? attack.comesTo) : attack.comesTo
  const ending = endings[columns.indexOf(column)]
  if (ending === undefined) throw new RangeError(`no such column: ${column}`)
  return ending
}

/** Sets up fresh targets in a folder, among them a secret in a file that this process holds open; dispose of them. */
export async function standTargets(outside: string): Promise<Targets & AsyncDisposable> {
  writeFileSync(join(outside, 'secret'), secret, { mode: 0o600 })
  let calls = 0
  const servers = [createServer(), createServer()]
  for (const server of servers) server.on('connection', (socket) => void (calls++, socket.destroy()))
  const socket = join(outside, 'socket')
  const [tcp] = servers
  await Promise.all([listening(servers[0], 0), listening(servers[1], socket)])
  const udp = createSocket('udp4').on('message', () => void (calls += 1))
  udp.bind(0, '127.0.0.1')
  await once(udp, 'listening')
  const victim = spawn('sleep', ['20'], { stdio: 'ignore', env: { PATH: process.env['PATH'], ATTACKED: secret } })
  const gone = once(victim, 'exit')
  // A file of this process that stays open while it is attacked.
  const held = openSync(join(outside, 'secret'), 'r')
  await once(victim, 'spawn')
  return {
    outside,
    port: portOf(tcp),
    udpPort: udp.address().port,
    socket,
    victim: victim.pid ?? 0,
    calls: () => calls,
    async [Symbol.asyncDispose]() {
      closeSync(held)
      victim.kill('SIGKILL')
      await gone
      udp.close()
      for (const server of servers) server.close()
    },
  }
}

function portOf(server: Server | undefined): number {
  const address = server?.address()
  if (address === null || typeof address !== 'object') throw new Error('the server does not listen on a port')
  return address.port
}

async function listening(server: Server | undefined, at: number | string): Promise<void> {
  if (server === undefined) return
  if (typeof at === 'number') server.listen(at, '127.0.0.1')
  else server.listen(at)
  await once(server, 'listening')
}
