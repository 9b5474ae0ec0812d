import { resolve } from 'node:path'
import { checkMachine, nodeCommandRunner } from '../adapters/node.js'
import { createWorld } from '../index.js'
import { painter, type Terminal } from './terminal.js'
import { exitCodes, readArguments, textOf } from './usage.js'

/** `homeostat doctor`: what works on this machine. */
export async function doctorCommand(argv: readonly string[], terminal: Terminal): Promise<number> {
  const given = readArguments(argv, { cwd: { type: 'string' }, json: { type: 'boolean' } }, 0)
  const world = createWorld()
  const report = await checkMachine({
    runner: nodeCommandRunner(world),
    world,
    cwd: resolve(terminal.cwd, textOf(given, 'cwd') ?? '.'),
    signal: terminal.signal,
  })
  if (given.values['json'] === true) terminal.out(`${JSON.stringify(report, undefined, 2)}\n`)
  else {
    const paint = painter(terminal.colour)
    const widest = Math.max(...report.checks.map(({ name }) => name.length))
    for (const { name, ok, detail, remedy } of report.checks) {
      terminal.out(`${ok ? paint('green', '✓') : paint('yellow', '✗')} ${name.padEnd(widest)}  ${detail}\n`)
      if (!ok && remedy !== undefined) terminal.out(`  ${' '.repeat(widest)}  ${remedy}\n`)
    }
  }
  return report.ok ? exitCodes.ok : exitCodes.notOk
}
