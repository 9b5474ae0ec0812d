import type { Fault } from '../../core/fault.js'

/** What an error of the running program says, as far as a repair can start from it. */
export type RuntimeError =
  | { readonly kind: 'undefined-name'; readonly name: string }
  /** A compiler knows no declaration of the name: without an import it would be one that is not defined. */
  | { readonly kind: 'undeclared-name'; readonly name: string }
  /** A value is `undefined` or `null` where a property of it is read or set. */
  | { readonly kind: 'no-value'; readonly property: string | undefined; readonly isNull: boolean }
  /** The same where it is taken apart: `const { a } = value`. */
  | { readonly kind: 'not-destructured'; readonly expression: string | undefined }
  | { readonly kind: 'not-callable'; readonly expression: string; readonly constructs: boolean }
  | { readonly kind: 'not-iterable'; readonly expression: string | undefined }
  | { readonly kind: 'too-early'; readonly name: string }
  | { readonly kind: 'constant-assigned' }
  | { readonly kind: 'class-called'; readonly name: string }
  | { readonly kind: 'super-missing' }
  | { readonly kind: 'endless-recursion' }
  | { readonly kind: 'bad-length' }
  | { readonly kind: 'empty-reduce' }
  /** A built-in function was given something it cannot work with. */
  | { readonly kind: 'bad-argument' }

/** An error with the words it was thrown with. */
export interface SaidError {
  readonly error: RuntimeError
  /** After the name and the colon. */
  readonly message: string
}

/** The error of the program that a fault tells of: of its own, or as the reason why a test fails. */
export function runtimeErrorOf(fault: Fault): SaidError | undefined {
  if (fault.category === 'build') return undeclaredName(fault)
  for (const text of [fault.message, ...fault.evidence]) {
    const named = /(?:TypeError|ReferenceError|RangeError)(?: \[\w{1,60}\])?: (.{1,400})$/.exec(text)?.[1]
    const bareMessage = /^(?:error|message): (?<quote>['"`])?(.{1,300}?)\k<quote>?,?$/.exec(text.trim())?.[2]
    for (const message of [named, bareMessage ?? (named === undefined ? text : undefined)]) {
      const error = message === undefined ? undefined : readMessage(message)
      if (message !== undefined && error !== undefined) return { error, message: message.trim() }
    }
  }
  return undefined
}

function undeclaredName({ code, message }: Fault): SaidError | undefined {
  const name = /^TS(?:2304|2552)$/.test(code) ? /'([\p{L}_$][\p{L}\p{N}_$]{0,200})'/u.exec(message)?.[1] : undefined
  return name === undefined ? undefined : { error: { kind: 'undeclared-name', name }, message }
}

/** Reads the message of an error as V8 words it; `undefined` for one that says nothing to start from. */
function readMessage(message: string): RuntimeError | undefined {
  for (const [pattern, read] of readers) {
    const match = pattern.exec(message.trim())
    if (match !== null) return read(match.groups ?? {})
  }
  return undefined
}

type Read = (groups: Readonly<Record<string, string | undefined>>) => RuntimeError

const readers: readonly (readonly [RegExp, Read])[] = [
  [/^(?<name>[\p{L}_$][\p{L}\p{N}_$]{0,200}) is not defined$/u, ({ name = '' }) => ({ kind: 'undefined-name', name })],
  [
    /Cannot (?:read|set) propert(?:y|ies) (?:'(?<old>[^']{1,200})' )?of (?<value>undefined|null)(?: \((?:reading|setting) '(?<property>[^']{1,200})'\))?/,
    ({ old, property, value }) => ({ kind: 'no-value', property: property ?? old, isNull: value === 'null' }),
  ],
  [
    /^(?<value>undefined|null) is not an object \(evaluating '[^']{0,200}?(?:\.(?<property>[\w$]{1,100}))?'\)/,
    ({ property, value }) => ({ kind: 'no-value', property, isNull: value === 'null' }),
  ],
  [
    /^Cannot convert (?<value>undefined) or null to object|^Cannot use 'in' operator to search for .{1,100} in (?:undefined|null)/,
    () => ({ kind: 'bad-argument' }),
  ],
  [
    /^Cannot destructure (?:property '[^']{1,200}' of )?'(?<expression>[^']{1,200})' as it is (?:undefined|null)/,
    ({ expression }) => ({ kind: 'not-destructured', expression }),
  ],
  [
    /^(?<expression>.{1,300}?) is not a (?<what>function|constructor)(?! or its)/,
    ({ expression = '', what }) => ({
      kind: 'not-callable',
      expression: cleaned(expression),
      constructs: what === 'constructor',
    }),
  ],
  [
    /^(?<expression>.{1,300}?) is not (?:(?:a function or its return value is not )|async )?iterable/,
    ({ expression = '' }) => ({
      kind: 'not-iterable',
      expression: /^(?:undefined|null|(?:object|number|string|boolean|function) .*)$/.test(expression)
        ? undefined
        : cleaned(expression),
    }),
  ],
  [/^(?:Spread syntax requires|Found non-callable @@iterator)/, () => ({ kind: 'not-iterable', expression: undefined })],
  [/^Cannot access '(?<name>[^']{1,200})' before initialization/, ({ name = '' }) => ({ kind: 'too-early', name })],
  [/^Assignment to constant variable/, () => ({ kind: 'constant-assigned' })],
  [
    /^Class constructor (?<name>[\w$]{1,200}) cannot be invoked without 'new'/,
    ({ name = '' }) => ({ kind: 'class-called', name }),
  ],
  [/^Must call super constructor in derived class/, () => ({ kind: 'super-missing' })],
  [/^Maximum call stack size exceeded|^too much recursion/, () => ({ kind: 'endless-recursion' })],
  [
    /^Invalid (?:array|string|typed array|array buffer) length|^Invalid count value|^Array buffer allocation failed/,
    () => ({ kind: 'bad-length' }),
  ],
  [/^Reduce of empty array with no initial value/, () => ({ kind: 'empty-reduce' })],
  [
    /^The (?:".{1,100}" argument|.{1,60} property) must be |^Right-hand side of 'instanceof' is not |^(?:First argument|The argument) .{0,60}must |^Invalid value used |called on (?:null or undefined|incompatible receiver)|^Invalid time value|^toString\(\) radix|^to(?:Fixed|Precision)\(\) /,
    () => ({ kind: 'bad-argument' }),
  ],
]

/** As it stands in the source: without what compilers of modules wrap round an imported name. */
function cleaned(expression: string): string {
  return expression
    .trim()
    .replace(/^\(0 ?, ?(.+)\)$/, '$1')
    .replace(/^(?:__vi_import_\d+__|__vite_ssr_import_\d+__|_\w+__WEBPACK_\w+)\.(?:default\.)?/, '')
}
