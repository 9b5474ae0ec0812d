import type { LayerCall } from './call.js'

/** What a layer goes round: the rest of the stack, down to the work. */
export type Next<T> = (call: LayerCall) => Promise<T>

/** Goes round work and never changes its result type. */
export type Layer<T> = (next: Next<T>) => Next<T>

/** Puts layers round each other, the first one outermost; one that is `undefined` is switched off. */
export function stack<T>(...layers: readonly (Layer<T> | undefined)[]): Layer<T> {
  return (work) => layers.reduceRight((next, layer) => (layer === undefined ? next : layer(next)), work)
}
