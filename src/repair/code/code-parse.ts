import { parse, type ParserOptions, type ParserPlugin } from '@babel/parser'
import { tokenize } from './code-tokens.js'

/** Where a text stops being valid code. */
export interface CodeProblem {
  /** Offset in UTF-16 units. */
  readonly offset: number
  /** Whether the parser ran out of stack: the text is nested too deep, and each further try takes long. */
  readonly exhausted: boolean
}

/** Parses text of one kind of file. */
export interface CodeParser {
  /** The first thing wrong with the whole text; `undefined` when it is valid. */
  problem(text: string): CodeProblem | undefined
  /** The same for a part of a file, in which names may be used that the rest declares. */
  partProblem(text: string): CodeProblem | undefined
}

const codeName = /\.([mc]?[jt]s|[jt]sx)$/i

/** Whether the name is that of a JavaScript or TypeScript file. */
export function isCodeFile(path: string): boolean {
  return codeName.test(path)
}

/** Longer texts are not looked at, in UTF-16 units: people do not write them, and parsing them again and again takes too long. */
const codeLengthMax = 256 * 1024
/** The parser looks from each block comment for the end of its line: beyond this many characters in all that takes seconds. */
const commentReachMax = 20_000_000

/** Whether parsing `text` takes a reasonable time. */
export function isReadable(text: string): boolean {
  if (text.length > codeLengthMax) return false
  let reach = 0
  let lineEnd = -1
  for (let at = text.indexOf('/*'); at !== -1 && reach <= commentReachMax; at = text.indexOf('/*', at + 2)) {
    if (lineEnd < at) lineEnd = text.indexOf('\n', at)
    if (lineEnd === -1) lineEnd = text.length
    reach += lineEnd - at
  }
  return reach <= commentReachMax
}

/** A parser for files named like `path`; `text` tells what the name leaves open (modules, JSX, decorators). */
export function parserFor(path: string, text: string): CodeParser {
  const extension = (codeName.exec(path)?.[1] ?? 'js').toLowerCase()
  const isTyped = extension.endsWith('ts') || extension === 'tsx'
  const plugins: ParserPlugin[] = [
    'importAttributes',
    'explicitResourceManagement',
    'deferredImportEvaluation',
    'sourcePhaseImports',
  ]
  if (isTyped) plugins.push(['typescript', { dts: /\.d\.[mc]?ts$/i.test(path) }])
  if (extension.endsWith('x') || (!isTyped && /<\/\w|\/>/.test(text))) plugins.push('jsx')
  // Node knows no decorators: in plain JavaScript they are believed only where there are several.
  if (isTyped || (text.match(/^[ \t]*@\w/gm)?.length ?? 0) > 1) plugins.push('decorators', 'decoratorAutoAccessors')
  const whole: ParserOptions = { plugins, sourceType: sourceTypeOf(extension, text), attachComment: false }
  const part: ParserOptions = { ...whole, allowUndeclaredExports: true }
  return { problem: (code) => problemOf(code, whole), partProblem: (code) => partProblemOf(code, part) }
}

function sourceTypeOf(extension: string, text: string): 'module' | 'commonjs' | 'unambiguous' {
  if (extension === 'mjs' || extension === 'mts') return 'module'
  if (extension === 'cjs' || extension === 'cts') return 'commonjs'
  if (/^(?:import|export)[\s{*'"]/m.test(text)) return 'module'
  return /\b(?:require\s*\(|module\.exports\b|exports\.\w)/.test(text) ? 'commonjs' : 'unambiguous'
}

/** What is wrong with a part only because the rest is not there. */
const partOnly = new Set(['InvalidPrivateFieldResolution', 'ModuleExportUndefined', 'IllegalBreakContinue'])

function isPartOnly(error: unknown): boolean {
  return (
    typeof error === 'object' &&
    error !== null &&
    'reasonCode' in error &&
    typeof error.reasonCode === 'string' &&
    partOnly.has(error.reasonCode)
  )
}

/** Recovery is slow on hopeless text, so it is asked for only when the first error is one to pass over. */
function partProblemOf(text: string, options: ParserOptions): CodeProblem | undefined {
  try {
    parse(text, options)
    return undefined
  } catch (error) {
    return isPartOnly(error) ? recoveredProblemOf(text, options) : problemFrom(error, text)
  }
}

function recoveredProblemOf(text: string, options: ParserOptions): CodeProblem | undefined {
  try {
    const first = parse(text, { ...options, errorRecovery: true }).errors?.find((error) => !isPartOnly(error))
    return first === undefined ? undefined : problemFrom(first, text)
  } catch (error) {
    return problemFrom(error, text)
  }
}

function problemOf(text: string, options: ParserOptions): CodeProblem | undefined {
  try {
    parse(text, options)
    return undefined
  } catch (error) {
    return problemFrom(error, text)
  }
}

function problemFrom(error: unknown, text: string): CodeProblem {
  const { pos = text.length, reasonCode } =
    typeof error === 'object' && error !== null ? (error as { readonly pos?: number; readonly reasonCode?: string }) : {}
  const offset = whole.has(reasonCode ?? '') ? afterConstruct(text, pos) : pos
  return { offset: Math.max(0, Math.min(offset, text.length)), exhausted: error instanceof RangeError }
}

/** What is told of a whole construct, at its start, although the damage stands behind it: `try {} ctach {}`, `(a) = {}`. */
const whole: ReadonlySet<string> = new Set(['NoCatchOrFinally', 'InvalidLhs', 'InvalidParenthesizedAssignment'])
/** So much of a construct is looked at, in UTF-16 units. */
const constructLengthMax = 20_000

/** Where the construct that starts at `start` ends: after its block, or after the parentheses it stands in. */
function afterConstruct(text: string, start: number): number {
  let depth = 0
  for (const { end, opens, closes } of tokenize(text.slice(start, start + constructLengthMax)).tokens) {
    depth += (opens === '' ? 0 : 1) - (closes === '' ? 0 : 1)
    if (depth <= 0 && closes !== '') return start + end
  }
  return start
}
