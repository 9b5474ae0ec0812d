import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as immediate, setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { nodeFileSystem } from '../../src/adapters/node-file-system.js'
import { createWorld } from '../../src/core/world.js'
import { openJournal } from '../../src/patch/journal.js'

/** How often the process is killed; the long run is `HOMEOSTAT_KILLS=200`. */
const kills = Number(process.env['HOMEOSTAT_KILLS'] ?? 20)
const child = fileURLToPath(new URL('fixtures/apply-forever.mjs', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'homeostat-kill-'))
const root = join(folder, 'project')
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Everything below the root but the journal: kinds, modes, bytes. */
function snapshot(path = root): Readonly<Record<string, string>> {
  const entries: Record<string, string> = {}
  for (const name of readdirSync(path).sort()) {
    const at = join(path, name)
    if (at === join(root, '.homeostat')) continue
    const stats = lstatSync(at)
    entries[at] = `${stats.mode.toString(8)} ${stats.isFile() ? readFileSync(at, 'utf8') : ''}`
    if (stats.isDirectory()) Object.assign(entries, snapshot(at))
  }
  return entries
}

function makeProject(): void {
  for (const name of ['src', 'gone', 'node_modules/x', 'node_modules/y']) mkdirSync(join(root, name), { recursive: true })
  for (let index = 0; index < 12; index += 1) {
    writeFileSync(join(root, `src/${index}.js`), `// file ${index}, old\n`.repeat(100))
    writeFileSync(join(root, `gone/${index}.js`), `// file ${index}, gone\n`.repeat(100))
  }
  writeFileSync(join(root, 'run'), '#!/usr/bin/env node\n')
  writeFileSync(join(root, 'node_modules/x/index.js'), 'old')
  chmodSync(join(root, 'run'), 0o644)
}

/** Waits until a transaction stands in its narrow place, between prepared and committed; gives up after two seconds. */
async function untilPrepared(): Promise<void> {
  const transactions = join(root, '.homeostat/txn')
  const endMs = performance.now() + 2_000
  while (performance.now() < endMs) {
    const ids = existsSync(transactions) ? readdirSync(transactions) : []
    if (ids.some((id) => existsSync(join(transactions, id, 'prepared')))) return
    await immediate()
  }
}

/** A victim that has started, and waits to be told to begin. */
function raise(): ChildProcess {
  return spawn(process.execPath, ['--no-warnings', child, folder], { stdio: ['pipe', 'pipe', 'inherit'] })
}

async function runAndKill(victim: ChildProcess, when: () => Promise<unknown>): Promise<void> {
  victim.stdin?.write('begin\n')
  const ended = once(victim, 'exit')
  const diedEarly = ended.then(([code]) => Promise.reject(new Error(`The victim ended by itself with ${String(code)}`)))
  diedEarly.catch(() => undefined)
  if (victim.stdout !== null) await Promise.race([once(victim.stdout, 'data'), diedEarly])
  await when()
  victim.kill('SIGKILL')
  const [exitCode, signal]: unknown[] = await ended
  expect([exitCode, signal]).toEqual([null, 'SIGKILL'])
}

describe('a process that is killed while it applies a transaction', () => {
  it(
    `leaves the old tree or the new one after recovery, ${kills} times`,
    async () => {
      makeProject()
      const old = snapshot()
      let fresh: Readonly<Record<string, string>> | undefined
      let mixed = 0
      // One victim starts while the one before it is killed and buried.
      let next = raise()
      for (let round = 0; round < kills; round += 1) {
        // Every other time at any instant; else somewhere in the first milliseconds of the changes themselves.
        const victim = next
        next = raise()
        await runAndKill(
          victim,
          round % 2 === 0 ? () => delay(Math.random() * 150) : () => delay(Math.random() * 100).then(untilPrepared),
        )
        const found = snapshot()
        const journal = openJournal({ root, files: nodeFileSystem(), world: createWorld() })
        const recovered = journal.recover()
        const after = snapshot()
        if (recovered.length > 0 && JSON.stringify(found) !== JSON.stringify(after)) mixed += 1
        expect(recovered.map(({ result }) => result).filter((result) => result === 'conflict')).toEqual([])
        const applied = journal.list()[0]?.state === 'applied'
        if (applied) {
          expect(after[join(root, 'run')]).toMatch(/^100755 /)
          expect(after[join(root, 'made/2/11.js')]).toContain('made')
          expect(after[join(root, 'gone/0.js')]).toBeUndefined()
          fresh ??= after
          expect(after).toEqual(fresh)
          expect(journal.rollback().outcome).toBe('rolled-back')
        }
        expect(snapshot()).toEqual(old)
        expect(journal.recover()).toEqual([])
        journal.close()
      }
      next.kill('SIGKILL')
      // The kills were not all between two transactions: recovery had something to do. Few kills may all miss.
      if (kills >= 100) expect(mixed).toBeGreaterThan(0)
    },
    60_000 + kills * 2_000,
  )
})
