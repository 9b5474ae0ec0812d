import { lineAt } from './output.js'
import { countedFromZero, placeAbove, placeBelow } from './place.js'
import { placeOf, type Draft, type Rule, type Sighting } from './rule.js'
import { stackLocation } from './stack.js'

/** Diagnostics of the TypeScript compiler: https://github.com/microsoft/TypeScript/blob/main/src/compiler/diagnosticMessages.json */
const place = String.raw`(?:(?<file>(?:[A-Za-z]:)?[^\s():'"][^():'"]{0,400}?)(?:\((?<line>\d{1,7}),(?<column>\d{1,7})\)|:(?<line2>\d{1,7}):(?<column2>\d{1,7})))`

export const typeRules: readonly Rule[] = [
  {
    hints: ['TS'],
    pattern: new RegExp(
      `^(?:ERROR in |\\[tsl\\] |::error |[✘×x] )?(?:${place}(?::| -|)? ?)?(?:[-–] )?(?:\\[tsl\\] )?(?:\\[ERROR\\] )?(?:[Ee]rror|ERROR)?:? ?(?:in \\S{1,300} )?(?:\\[?)TS(?<number>\\d{3,6})\\]?(?: \\[ERROR\\])?: (?<message>.{1,500})$`,
      'u',
    ),
    category: 'build',
    code: 'TS',
    kinds: ['plain', 'assertion'],
    rank: 'compile',
    tool: 'tsc',
    refine: diagnostic,
  },
  {
    hints: ['Type error: ', ' (ts)', ' (svelte)', ' (js)'],
    // Next.js and svelte-check: the place stands above.
    pattern: /^(?:Type error: (?<message>.{1,400})|Error: (?<message2>.{1,400}) \((?:ts|js|svelte|css)\))$/,
    category: 'build',
    code: 'TYPE_ERROR',
    rank: 'compile',
    refine: (draft, sighting) => {
      const message = sighting.groups['message'] ?? sighting.groups['message2'] ?? draft.message
      return {
        ...draft,
        message,
        location: placeAbove(sighting),
        details: detailsOf(message, lineAt(sighting.output, sighting.index + 1)),
      }
    },
  },
]

function diagnostic(draft: Draft, sighting: Sighting): Draft {
  const { groups, output, index } = sighting
  const number = Number(groups['number'])
  const line = groups['line'] ?? groups['line2']
  const column = groups['column'] ?? groups['column2']
  const above = groups['file'] === undefined ? placeInTitle(sighting) : undefined
  const file = groups['file'] ?? above?.file
  const below =
    file === undefined && /\[ERROR\]/.test(sighting.line)
      ? (stackLocation(output, index) ?? countedFromZero(placeBelow(sighting)))
      : undefined
  const location =
    file === undefined
      ? below
      : line === undefined && above !== undefined
        ? above
        : {
            file,
            ...(line === undefined ? {} : { line: Number(line) }),
            ...(column === undefined ? {} : { column: Number(column) }),
          }
  const more = /^(?:Type|Argument|Property|The )/.test(lineAt(output, index + 1)) ? lineAt(output, index + 1) : ''
  return {
    ...draft,
    code: `TS${number}`,
    ...kindOf(number, draft.message),
    location,
    details: {
      ...detailsOf(draft.message, more),
      ...(file !== undefined && importNumbers.has(number) ? { importer: file } : {}),
    },
  }
}

const importNumbers = new Set([2307, 2305, 2614, 2724, 2792, 7016, 2732, 2835, 2834, 5097, 1259, 1192, 2306, 2882])
const typesMissing = new Set([2580, 2582, 2591, 2592, 2593, 2688, 7016, 2584, 2867, 2868])

/** The number tells the kind: 1xxx syntax, 5xxx, 6xxx and 18xxx options, the rest meaning. */
function kindOf(number: number, message: string): Partial<Draft> {
  if (number === 2307 || number === 2792 || number === 2882 || typesMissing.has(number))
    return { category: 'dependency', rank: 'cause' }
  if (number === 2305 || number === 2614 || number === 2724 || number === 2306 || number === 2834 || number === 2835)
    return { category: 'dependency' }
  if (
    number === 6133 ||
    number === 6192 ||
    number === 6196 ||
    number === 6138 ||
    number === 6198 ||
    number === 6199 ||
    number === 6205 ||
    number === 7027 ||
    number === 7028
  )
    // What is unused is often unused because of another error.
    return { severity: 'low', rank: 'lint' }
  if (number === 6059 || number === 6304 || number === 6305 || number === 6306 || number === 6307 || number === 6310)
    return { category: 'configuration', rank: 'cause' }
  if (
    /--(?:module|target|lib|esModuleInterop|jsx|resolveJsonModule|downlevelIteration|allowImportingTsExtensions)\b|'lib' compiler option/.test(
      message,
    ) &&
    number !== 2834 &&
    number !== 2835
  )
    return { category: 'configuration', rank: 'cause' }
  if (number >= 1000 && number < 2000)
    return optionNumbers.has(number) || /'--|compiler option|\bflag\b|option is|tsconfig/.test(message)
      ? { category: 'configuration', rank: 'cause' }
      : { category: 'syntax', rank: 'cause' }
  if (number >= 17000 && number < 18000) return { category: 'syntax', rank: 'cause' }
  if ((number >= 5000 && number < 6200) || (number >= 18000 && number < 18046))
    return { category: 'configuration', rank: 'cause' }
  return {}
}

const optionNumbers = new Set([
  1192, 1259, 1286, 1287, 1295, 1323, 1324, 1343, 1371, 1375, 1378, 1470, 1471, 1479, 1484, 1485, 1541, 1542,
])

function detailsOf(message: string, more: string): Record<string, string | undefined> {
  const option = /^Argument for '--|^Unknown compiler option/.test(message)
  const specifier = option
    ? undefined
    : /(?:[Cc]annot find module|declaration file for module|Module|for|File) ['"]{1,2}(.{1,1000}?)['"]{1,2}(?: or its|\. (?:Did|'|Consider)|\.?$| has no exported| can only| is not a module)/.exec(
        message,
      )?.[1]
  const assigned =
    /Type '(.{1,300}?)' is not assignable to (?:type|parameter of type) '(.{1,300}?)'\.?(?:\s|$)/.exec(message) ??
    /Argument of type '(.{1,300}?)' is not assignable to parameter of type '(.{1,300}?)'/.exec(message)
  const counted = /Expected (\d{1,4}(?:-\d{1,4})?|at least \d{1,4}) arguments?, but got (\d{1,4})/.exec(message)
  const name =
    /no exported member (?:named )?'([^']{1,300})'/.exec(message)?.[1] ??
    /(?:Cannot find name|Property|Cannot redeclare block-scoped variable|Cannot find namespace|Object literal may only specify known properties, (?:and|but)|Parameter|Variable|Cannot assign to) '([^']{1,300})'/.exec(
      message,
    )?.[1] ??
    /^'([^']{1,300})' (?:is|was|cannot|implicitly|refers|only)/.exec(message)?.[1] ??
    /Property '([^']{1,300})' is missing in type/.exec(more)?.[1]
  return {
    specifier,
    name,
    actual: assigned?.[1] ?? counted?.[2],
    expected: assigned?.[2] ?? counted?.[1],
    suggestion: /Did you mean (?:to \w{1,20} )?(?:the (?:static|instance) member )?['"]([^'"]{1,300})['"]/.exec(message)?.[1],
    token: /^['"](.{1,20}?)['"] expected\.?$/.exec(message)?.[1],
    package: /npm i --save-dev (@types\/[\w.-]{1,200})/.exec(message)?.[1],
    path: /(?:file|path|config file|path does not exist:) '([^']{1,400})'/.exec(message)?.[1],
    on: /does not exist on type '(.{1,300}?)'/.exec(message)?.[1],
  }
}

/** webpack's loaders print the place in a title on the line above: `[tsl] ERROR in /app/src/a.ts(1,7)`. */
function placeInTitle({ output, index }: Sighting): Draft['location'] {
  return placeOf(
    /^(?:ERROR in |Error: |\[tsl\] ERROR in )?(?<file>[^\s():]{1,300}\.[cm]?[jt]sx?)(?:[:(](?<line>\d{1,7})[:,](?<column>\d{1,7})|[:( ]|$)/.exec(
      lineAt(output, index - 1),
    ),
  )
}
