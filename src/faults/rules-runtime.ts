import type { FaultCategory } from '../core/fault.js'
import { lineAt } from './output.js'
import { placeBelow } from './place.js'
import type { Draft, Rule, Sighting } from './rule.js'
import { headerLocation, stackEnd, stackLocation } from './stack.js'
import { asRead, surely } from './wording.js'

const environment = { category: 'runtime', severity: 'critical', rank: 'environment' } as const

/** The machine gives out: memory, disk, a crash of the process itself, damaged data. */
export const environmentRules: readonly Rule[] = [
  {
    hints: [
      'heap out of memory',
      'Heap out of memory',
      'OutOfMemoryError',
      'Out of memory',
      'out of memory',
      'annot allocate memory',
      'MemoryError',
      'ENOMEM',
      'OOMKilled',
      'bad_alloc',
      'memory exhausted',
      'memory allocation of',
      'Allowed memory size',
      'ERR_WORKER_OUT_OF_MEMORY',
      'heap limit',
    ],
    pattern:
      /heap out of memory|OutOfMemoryError|[Oo]ut of memory(?!\w)|annot allocate memory|\bMemoryError\b|\bENOMEM\b|std::bad_alloc|memory exhausted|memory allocation of \d{1,15} bytes failed|ERR_WORKER_OUT_OF_MEMORY|Allowed memory size of/,
    ...environment,
    code: 'OUT_OF_MEMORY',
    refine: (draft, sighting) => ({ ...draft, lineLast: stackEnd(sighting.output, sighting.index) }),
  },
  {
    hints: ['ENOSPC', 'o space left on device', 'isk quota exceeded', 'disk full', 'disk is full', 'EDQUOT'],
    pattern:
      /\bENOSPC\b|[Nn]o space left on device|[Dd]isk quota exceeded|database or disk is full|\bdisk (?:is )?full|\bEDQUOT\b/,
    ...environment,
    code: 'ENOSPC',
    refine: (draft, { line }) =>
      /file watchers/.test(line)
        ? { ...draft, category: 'configuration', severity: 'medium', code: 'WATCHERS_EXHAUSTED' }
        : { ...draft, details: { path: /'([^']{1,500})'/.exec(line)?.[1] } },
  },
  {
    hints: [
      'egmentation fault',
      'SIGSEGV',
      'SIGABRT',
      'core dumped',
      'SIGBUS',
      'Bus error',
      'Illegal instruction',
      'signal 11',
      'signal: 11',
      'stack smashing',
      'has crashed. This indicates',
      'daemon disappeared',
      'Fatal JavaScript',
    ],
    pattern:
      /[Ss]egmentation fault|\bSIGSEGV\b|\bSIGABRT\b|\(core dumped\)|\bSIGBUS\b|Bus error|Illegal instruction|signal:? 11\b|stack smashing detected|has crashed\. This indicates a bug|daemon disappeared unexpectedly|# Fatal (?:JavaScript (?:invalid size error|OOM)|error in)/,
    ...environment,
    code: 'CRASHED',
    // Go tells a nil pointer as the signal behind its panic.
    refine: (draft, { line }) => (line.startsWith('[signal SIG') ? undefined : draft),
  },
  {
    hints: [
      'disk image is malformed',
      'SQLITE_CORRUPT',
      'orrupt',
      'file is not a database',
      'object file ',
      'bad magic number',
      'checksum mismatch',
      'object file is empty',
      'EBADMSG',
      'I/O error',
      'EIO:',
    ],
    pattern:
      /disk image is malformed|SQLITE_CORRUPT|file is not a database|(?:loose|packed) object .{1,120} is corrupt|object file .{1,200} is empty|(?:database|index|data|file|page|block|WAL|journal)(?: \S{1,100})? (?:is |are |was )?(?:corrupt(?:ed)?\b|damaged)|data corruption|\bEIO: i\/o error/i,
    ...environment,
    code: 'DATA_CORRUPT',
  },
  {
    hints: ['EMFILE', 'ENFILE', 'oo many open files'],
    pattern: /\bEMFILE\b|\bENFILE\b|[Tt]oo many open files/,
    category: 'runtime',
    severity: 'high',
    rank: 'environment',
    code: 'EMFILE',
  },
]

/** Programs that stop because of what they do. */
export const runtimeRules: readonly Rule[] = [
  {
    hints: ['is not defined in ES module scope', 'in ES module scope'],
    pattern: /ReferenceError: (?<message>(?<name>\w{1,40}) is not defined in ES module scope.{0,300})/,
    category: 'configuration',
    code: 'COMMONJS_IN_ESM',
    tool: 'node',
    refine: thrown,
  },
  {
    hints: ['EADDRINUSE', 'ddress already in use', 'ort is already allocated', 'already in use', 'is in use'],
    pattern:
      /\bEADDRINUSE\b|[Aa]ddress already in use|[Pp]ort is already allocated|[Pp]ort (?:\d{1,5} )?(?:is|was) (?:already )?(?:in use|used|being used)|is already used, make sure/,
    category: 'configuration',
    code: 'EADDRINUSE',
    severity: 'medium',
    refine: (draft, sighting) => {
      const port = /(?:::|[:.\d]:|[Pp]ort |localhost:)(\d{2,5})\b/.exec(sighting.line)?.[1]
      return {
        ...thrown(draft, sighting),
        details: { port: port === undefined ? undefined : Number(port), syscall: /listen|bind/.exec(sighting.line)?.[0] },
      }
    },
  },
  {
    hints: [
      'Maximum call stack size exceeded',
      'RecursionError',
      'too much recursion',
      'StackOverflowError',
      'stack overflow',
      'overflowed its stack',
    ],
    pattern:
      /RangeError: Maximum call stack size exceeded|InternalError: too much recursion|RecursionError: .{1,200}|java\.lang\.StackOverflowError|has overflowed its stack|goroutine stack exceeds/,
    category: 'runtime',
    code: 'STACK_OVERFLOW',
    rank: 'crash',
    refine: thrown,
  },
  {
    hints: ['TypeError', 'ReferenceError', 'RangeError', 'URIError', 'EvalError'],
    pattern:
      /^(?:.{0,80}?\b)?(?:Uncaught )?(?:\(in promise\) )?(?<code>TypeError|ReferenceError|RangeError|URIError|EvalError)(?: \[(?<named>\w{1,60})\])?: (?<message>.{1,500})$/,
    category: 'runtime',
    rank: 'crash',
    refine: typed,
  },
  {
    hints: ['Error {'],
    // AVA
    pattern: /^(?<code>TypeError|ReferenceError|RangeError) \{$/,
    category: 'runtime',
    rank: 'crash',
    tool: 'ava',
    refine: (draft, { output, index }) => {
      const message = /^message: '(.{1,400})',?$/.exec(lineAt(output, index + 1))?.[1]?.replaceAll("\\'", "'")
      return message === undefined
        ? undefined
        : {
            ...draft,
            ...runtimeError(draft.code, message),
            location: placeBelow({ output, index: index + 1 }),
            lineLast: index + 2,
          }
    },
  },
  {
    hints: ['ENOENT', 'EISDIR', 'ENOTDIR', 'ENOTEMPTY', 'EEXIST', 'ELOOP', 'ENAMETOOLONG', 'EXDEV', 'EBUSY', 'EBADF'],
    pattern:
      /(?:Error: )?\b(?<code>ENOENT|EISDIR|ENOTDIR|ENOTEMPTY|EEXIST|ELOOP|ENAMETOOLONG|EXDEV|EBUSY|EBADF): [^,']{1,80}(?:, (?<syscall>\w{1,20}))?(?: '(?<path>[^']{1,500})')?/,
    category: 'runtime',
    rank: 'cause',
    refine: file,
  },
  {
    hints: ['UnhandledPromiseRejection', 'ERR_UNHANDLED_REJECTION', 'ERR_UNHANDLED_ERROR'],
    pattern: /\[?UnhandledPromiseRejection\w{0,20}: .{1,400}|\[ERR_UNHANDLED_\w{1,20}\]/,
    category: 'runtime',
    code: 'UNHANDLED_REJECTION',
    rank: 'crash',
    refine: thrown,
  },
  {
    hints: ['--trace-uncaught'],
    pattern: /^\(Use `node --trace-uncaught \.\.\.` to show where the exception was thrown\)$/,
    category: 'runtime',
    code: 'UNCAUGHT_VALUE',
    rank: 'crash',
    tool: 'node',
    refine: thrownValue,
  },
  {
    hints: ['[ERR_'],
    pattern: /^(?:.{0,80}?\b)?(?:[\w$]{0,60}Error|DOMException) \[(?<code>ERR_\w{1,60})\]: (?<message>.{1,500})$/,
    category: 'runtime',
    rank: 'crash',
    refine: (draft, sighting) =>
      draft.code === 'ERR_ASSERTION' || draft.code === 'ERR_TEST_FAILURE' ? undefined : thrown(draft, sighting),
  },
]

/** What Node says below a thrown value that is not an error. */
function thrownValue(draft: Draft, sighting: Sighting): Draft {
  const { output, index } = sighting
  const value = output.lines.slice(Math.max(0, index - 3), index).findLast((line) => line !== '')
  return { ...draft, message: value === undefined ? draft.message : `Uncaught ${value}`, location: headerLocation(output, index) }
}

/** Any other error with a name, after everything that knows better. */
export const thrownRules: readonly Rule[] = [
  {
    hints: ['Error', 'Exception', 'rror:'],
    pattern:
      /^(?:Uncaught |Unhandled |\[?cause\]?: )?(?<name>(?:[A-Za-z_$][\w$.]{0,80})?(?:Error|Exception))(?: \[\w{1,60}\])?(?:: (?<message>.{1,500}))?$/,
    category: 'runtime',
    code: 'UNCAUGHT_ERROR',
    rank: 'crash',
    refine: (draft, sighting) => {
      // Without a stack, a header or a name of its own it is a line of prose.
      const place = stackLocation(sighting.output, sighting.index) ?? headerLocation(sighting.output, sighting.index)
      const last = stackEnd(sighting.output, sighting.index)
      if (last === sighting.index && place === undefined) return undefined
      const told = { ...thrown(draft, sighting), message: sighting.line, details: { name: sighting.groups['name'] } }
      return settingsMissed(told, sighting) ?? { ...told, complete: (whole) => asRead(whole, surely(sighting.line), outside) }
    },
  },
]

/** Of a program's own error these are told from its words; that it parses, tests or builds something is its business. */
const outside: readonly FaultCategory[] = ['permission', 'network', 'dependency', 'configuration']

/** A check of the environment against a schema lists what it misses below, by the names of the variables. */
function settingsMissed(draft: Draft, { output, index, line }: Sighting): Draft | undefined {
  if (!/ZodError|Validation|Invariant|Invalid|Schema/i.test(line)) return undefined
  const name = output.lines
    .slice(index, index + 25)
    .map((near) => /["'`]([A-Z][A-Z0-9]*_[A-Z0-9_]{1,80})["'`]/.exec(near)?.[1])
    .find((found) => found !== undefined)
  return name === undefined
    ? undefined
    : { ...draft, category: 'configuration', code: 'ENVIRONMENT_VARIABLE_MISSING', rank: 'cause', details: { name } }
}

/** Where an error was thrown: above it when nobody caught it, else the first frame of the project. */
function thrown(draft: Draft, { output, index }: Sighting): Draft {
  const frame = stackLocation(output, index)
  const header = headerLocation(output, index)
  return {
    ...draft,
    location: frame ?? (header?.file.startsWith('node:') === true ? undefined : header),
    lineLast: stackEnd(output, index),
  }
}

/** Which name the message of a TypeError or ReferenceError is about, and of what it is a property. */
const shapes: readonly RegExp[] = [
  /^(?<name>[\w$.]{1,200}) is not defined/,
  /^(?<name>.{1,200}?) is not (?:a function|a constructor|iterable)/,
  /\((?:reading|setting|evaluating) '(?<name>[^']{1,200})'\)/,
  /^Cannot access '(?<name>[^']{1,200})' before initialization/,
  /^Cannot read property '(?<name>[^']{1,200})' of/,
]

/** Message and details of an error that V8 throws, wherever a tool prints it. */
export function runtimeError(kind: string, message: string): Pick<Draft, 'message' | 'details'> {
  const name = shapes.map((shape) => shape.exec(message)?.groups?.['name']).find((found) => found !== undefined)
  return { message: `${kind}: ${message}`, details: { name, ...memberOf(message) } }
}

/** `cart.total is not a function`: property `total`, receiver `cart`; of `undefined` and `null` V8 tells no more than that. */
function memberOf(message: string): { readonly property?: string; readonly receiver?: string } {
  const read =
    /^Cannot (?:read|set) propert(?:y|ies) (?:'(?<old>[^']{1,200})' )?of (?<receiver>undefined|null)(?: \((?:reading|setting) '(?<property>[^']{1,200})'\))?/.exec(
      message,
    )?.groups
  const called = /^(?<receiver>.{1,200})\.(?<property>[\w$]{1,100}) is not (?:a function|a constructor|iterable)/.exec(
    message,
  )?.groups
  const property = read?.['property'] ?? read?.['old'] ?? called?.['property']
  const receiver = read?.['receiver'] ?? called?.['receiver']
  return { ...(property !== undefined && { property }), ...(receiver !== undefined && { receiver }) }
}

/** Node's test runner writes `TypeError [Error]` for errors of the test's own context. */
function typed(draft: Draft, sighting: Sighting): Draft {
  const { named } = sighting.groups
  const code = named === undefined || named === 'Error' ? draft.code : named
  // An address that is `undefined` was to come from the settings.
  const unset =
    code === 'ERR_INVALID_URL' &&
    sighting.output.lines.slice(sighting.index, sighting.index + 20).some((line) => /^input: '(?:undefined|null)?'/.test(line))
  if (unset)
    return {
      ...thrown(draft, sighting),
      category: 'configuration',
      code,
      rank: 'cause',
      ...runtimeError(draft.code, draft.message),
    }
  return { ...thrown(draft, sighting), code, ...runtimeError(draft.code, draft.message) }
}

/** The kind of error that V8 throws with a message, where a runner leaves it out. */
export function kindOfMessage(message: string): 'TypeError' | 'ReferenceError' | undefined {
  if (/^[\w$]{1,100} is not defined$|^Cannot access '[^']{1,100}' before initialization$/.test(message)) return 'ReferenceError'
  return /^Cannot (?:read|set) propert(?:y|ies) .{0,200}\b(?:undefined|null)\b|^\S.{0,200} is not (?:a function|a constructor|iterable)$|^Assignment to constant variable\.?$/.test(
    message,
  )
    ? 'TypeError'
    : undefined
}

/** A missing configuration file is a fault of the configuration; a missing program cannot be started. */
function file(draft: Draft, sighting: Sighting): Draft | undefined {
  const path = draft.details['path']
  if (/failed with E[A-Z]+:/.test(sighting.line)) return undefined
  const configuration =
    typeof path === 'string' &&
    draft.code === 'ENOENT' &&
    /(?:^|[\\/])(?:\.env[^\\/]{0,40}|\.[a-z]{1,20}rc(?:\.[a-z]{1,5})?|package\.json|[^\\/]{0,80}config[^\\/]{0,80}|[^\\/]{1,80}\.(?:ya?ml|toml|ini|conf|cfg|properties|pem|crt|key))$/i.test(
      path,
    )
  return { ...thrown(draft, sighting), category: configuration ? 'configuration' : draft.category }
}
