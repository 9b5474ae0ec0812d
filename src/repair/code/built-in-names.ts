/** Whether the runtime gives values of some kind a property of this name. */
export function isBuiltInProperty(name: string): boolean {
  return builtInProperties.has(name)
}

const prototypes: readonly object[] = [
  Object.prototype,
  Array.prototype,
  String.prototype,
  Number.prototype,
  Function.prototype,
  Map.prototype,
  Set.prototype,
  WeakMap.prototype,
  Promise.prototype,
  RegExp.prototype,
  Date.prototype,
  Error.prototype,
  Symbol.prototype,
  Uint8Array.prototype,
  Object.getPrototypeOf(Uint8Array.prototype),
]
export const builtInProperties: ReadonlySet<string> = new Set([
  ...prototypes.flatMap((prototype) => Object.getOwnPropertyNames(prototype)),
  'next',
  'done',
  'index',
  'groups',
  'input',
  'lastIndex',
  'raw',
  'stack',
  'cause',
  'code',
])

/** Methods and properties that a built-in object or the values of a type have, by what stands before the dot. */
export function builtInMembers(owner: string | undefined): readonly string[] {
  const static_ = owner === undefined ? undefined : statics.get(owner)
  return static_ === undefined ? [...builtInProperties] : Object.getOwnPropertyNames(static_)
}

const statics: ReadonlyMap<string, object> = new Map<string, object>([
  ['Object', Object],
  ['Array', Array],
  ['Math', Math],
  ['JSON', JSON],
  ['Number', Number],
  ['String', String],
  ['Promise', Promise],
  ['Reflect', Reflect],
  ['Date', Date],
  ['Symbol', Symbol],
  ['Buffer', Uint8Array],
  ['Atomics', Atomics],
])

/** Names that the runtime provides without an import. */
export const globalNames: readonly string[] = [
  ...Object.getOwnPropertyNames(globalThis).filter((name) => /^[A-Z]/.test(name) && name.length > 2),
  'console',
  'process',
  'globalThis',
  'undefined',
  'isNaN',
  'isFinite',
  'parseInt',
  'parseFloat',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'clearTimeout',
  'clearInterval',
  'clearImmediate',
  'queueMicrotask',
  'structuredClone',
  'fetch',
  'require',
  'module',
  'exports',
  '__dirname',
  '__filename',
  'arguments',
  'encodeURIComponent',
  'decodeURIComponent',
  'encodeURI',
  'decodeURI',
  'performance',
  'crypto',
  'navigator',
  'atob',
  'btoa',
  'NaN',
  'Infinity',
  'escape',
  'unescape',
  'window',
  'document',
  'self',
]
