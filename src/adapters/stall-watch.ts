import { callListener, warnOfListener } from '../core/listeners.js'
import type { CommandOptions } from '../core/ports.js'
import { judgeHang, noHang, type HangState } from '../security/hang-ladder.js'

/** Watches one command for silence. */
export interface StallWatch {
  /** The command wrote something. */
  heard(monoMs: number): void
  /** Tells when it is time to, by what the command has computed so far; `undefined`: nobody knows, and nothing is told. */
  look(monoMs: number, processorMs: number | undefined): void
}

/** Silence that is worth a word, for each rung of the ladder. */
const rungMs = 15_000
/** A share of one processor below which nothing is computed: timers and the garbage collector take as much. */
const idleRatio = 0.02

/**
 * Judges by the ladder of suspicion (`judgeHang`), a rung for each 15 s in which the command neither wrote nor computed, and is
 * quiet from the last rung on. It only tells: what waits for a slow server looks just the same, and the time limit ends both.
 *
 * @param startMs - When the command was started.
 */
export function createStallWatch(startMs: number, onStall: NonNullable<CommandOptions['onStall']>): StallWatch {
  let silentFromMs = startMs
  let busyMs: number | undefined
  let attempt = 0
  let state: HangState = noHang
  let over = false
  const begin = (monoMs: number, processorMs?: number): void => {
    silentFromMs = monoMs
    busyMs = processorMs
    attempt = 0
    state = noHang
  }
  return {
    heard: (monoMs) => begin(monoMs),
    look(monoMs, processorMs) {
      if (over || processorMs === undefined) return
      busyMs ??= processorMs
      const silentMs = Math.max(0, monoMs - silentFromMs)
      // It falls when a child ends, which is a sign of life, too.
      const cpuRatio = Math.abs(processorMs - busyMs) / Math.max(silentMs, 1_000)
      if (cpuRatio > idleRatio) return begin(monoMs, processorMs)
      if (silentMs <= rungMs * (attempt + 1)) return
      attempt += 1
      const verdict = judgeHang({ attempt, durationMs: silentMs, cpuRatio, improved: false }, state, { durationMsMax: rungMs })
      state = verdict.state
      const { suspicion } = verdict
      if (suspicion === 'none') return
      over = suspicion === 'extreme'
      callListener(() => onStall({ silentMs, suspicion }), warnOfListener)
    },
  }
}
