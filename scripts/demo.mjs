// The main job on a real project: a copy of examples/broken-shop is healed before your eyes, then its own tests run.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const home = fileURLToPath(new URL('..', import.meta.url))
const cli = join(home, 'dist', 'cli', 'main.js')
const healthy = join(home, 'examples', 'healthy-shop')
const folder = mkdtempSync(join(tmpdir(), 'broken-shop-'))
const keep = process.argv.includes('--keep')
const startedMs = performance.now()

try {
  cpSync(join(home, 'examples', 'broken-shop'), folder, { recursive: true })
  title(`A small shop, broken in eight ways, in ${folder}`)
  run('npm', ['test'], { expected: 'fail' })

  title('homeostat heal --autonomy apply -- npm test')
  run(process.execPath, [cli, 'heal', '--autonomy', 'apply', '--', 'npm', 'test'])

  title('npm test, by itself')
  run('npm', ['test'])

  title('homeostat journal')
  run(process.execPath, [cli, 'journal'])

  const same = files(healthy).every((path) => readFileSync(join(healthy, path)).equals(readFileSync(join(folder, path))))
  console.log(`\nThe healed shop is ${same ? 'byte for byte' : 'not byte for byte'} the one it was before it was broken.`)
  console.log(
    `Done in ${((performance.now() - startedMs) / 1_000).toFixed(1)} s.${keep ? ` The shop stays in ${folder}; try "homeostat rollback" there.` : ''}`,
  )
} finally {
  if (!keep) rmSync(folder, { recursive: true, force: true })
}

function title(text) {
  console.log(`\n── ${text}`)
}

function run(command, parameters, { expected = 'pass' } = {}) {
  const { status } = spawnSync(command, parameters, { cwd: folder, stdio: expected === 'fail' ? 'ignore' : 'inherit' })
  if (expected === 'fail') console.log(`npm test fails with exit code ${status}.`)
  if ((status === 0) === (expected === 'pass')) return
  console.error(`\n${command} ended with ${status}: the demonstration failed.`)
  process.exit(1)
}

function files(root) {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
}
