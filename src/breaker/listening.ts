import { EventEmitter } from 'node:events'

/**
 * All ways to begin and to stop listening end in one of these: `once` in `on` and later `removeListener`,
 * `prependOnceListener` in `prependListener`.
 */
const ways = ['on', 'addListener', 'prependListener', 'off', 'removeListener', 'removeAllListeners'] as const

/**
 * Lets `target`, an emitter or the prototype of a class of emitters, notice that someone begins or stops to listen: `noticed` is
 * called with the emitter, the event (`undefined`: all of them) and what makes the change. Unlike a listener to `newListener`, it
 * survives `removeAllListeners()`.
 */
export function noticeListening<Emitter extends EventEmitter>(
  target: Emitter,
  noticed: (emitter: Emitter, event: unknown, change: () => void) => void,
): void {
  for (const way of ways) {
    const original = EventEmitter.prototype[way]
    Object.defineProperty(target, way, {
      configurable: true,
      writable: true,
      value(this: Emitter, ...args: unknown[]) {
        noticed(this, args[0], () => Reflect.apply(original, this, args))
        return this
      },
    })
  }
}
