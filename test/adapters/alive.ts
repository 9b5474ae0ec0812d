import { readFileSync } from 'node:fs'
import { parseProcessStat } from '../../src/adapters/process-table.js'

/** Whether a process runs: it exists, and is not merely waiting to be collected. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  if (process.platform !== 'linux') return true
  try {
    return parseProcessStat(readFileSync(`/proc/${pid}/stat`, 'latin1'))?.ended === false
  } catch {
    return false
  }
}
