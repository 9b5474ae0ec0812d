/** One of several targets that can do the same work, as it stands. */
export interface TargetLoad {
  /** Until its circuit and its limits let a call through, milliseconds; 0: they do. */
  readonly waitMs: number
  /** Calls under way. */
  readonly inFlight: number
  /** How slow it is, milliseconds; `undefined` when nobody has asked it yet. */
  readonly latencyMs: number | undefined
  /** Its share of the work in relation to the others', above 0; 0: none. Default 1. */
  readonly weight?: number | undefined
}

/**
 * Picks a target: of two that are drawn by weight, the one that will be done sooner, by its latency and the calls it has already.
 * Two are enough to keep any of them from being overrun, and unlike the best of all they do not send everyone to the same one
 * (Mitzenmacher 2001, "The power of two choices"). Targets that have to wait are left out as long as one need not; when all have
 * to, it is the one with the shortest wait.
 *
 * @param random - Numbers in [0, 1).
 * @returns The index; `undefined` when there is none with a weight.
 */
export function pickTarget(targets: readonly TargetLoad[], random: () => number): number | undefined {
  const usable = [...targets.keys()].filter((index) => weightOf(targets[index]) > 0)
  const ready = usable.filter((index) => !(waitOf(targets[index]) > 0))
  if (ready.length === 0) return least(usable, (index) => waitOf(targets[index]))
  const first = draw(ready, targets, random)
  const second = draw(
    ready.filter((index) => index !== first),
    targets,
    random,
  )
  return least(
    [first, second].filter((index) => index !== undefined),
    (index) => costOf(targets[index], knownLatency(targets, [first, second])),
  )
}

/** One by chance, in proportion to the weights. */
function draw(indices: readonly number[], targets: readonly TargetLoad[], random: () => number): number | undefined {
  const total = indices.reduce((sum, index) => sum + weightOf(targets[index]), 0)
  let point = random() * total
  for (const index of indices) {
    point -= weightOf(targets[index])
    if (point < 0) return index
  }
  return indices.at(-1)
}

/** The first of the smallest. */
function least(indices: readonly number[], valueOf: (index: number) => number): number | undefined {
  let best: number | undefined
  for (const index of indices) if (best === undefined || valueOf(index) < valueOf(best)) best = index
  return best
}

/** How long one more call takes; `latencyMs` for a target that nobody has asked. */
function costOf(target: TargetLoad | undefined, latencyMs: number): number {
  if (target === undefined) return Number.POSITIVE_INFINITY
  return (target.latencyMs ?? latencyMs) * (1 + target.inFlight / weightOf(target))
}

/** A target that nobody has asked is taken to be like the other: it gets its share, and no rush. */
function knownLatency(targets: readonly TargetLoad[], pair: readonly (number | undefined)[]): number {
  for (const index of pair) {
    const latencyMs = index === undefined ? undefined : targets[index]?.latencyMs
    if (latencyMs !== undefined) return latencyMs
  }
  return 1
}

function weightOf(target: TargetLoad | undefined): number {
  const weight = target === undefined ? 0 : (target.weight ?? 1)
  return weight > 0 && Number.isFinite(weight) ? weight : 0
}

function waitOf(target: TargetLoad | undefined): number {
  return target?.waitMs ?? Number.POSITIVE_INFINITY
}
