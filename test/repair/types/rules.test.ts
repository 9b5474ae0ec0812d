import { describe, expect, it } from 'vitest'
import { healedBy, outcomeOf } from './compiled.js'

/** What is broken, and what the first candidate must make of it: `from` becomes `to`. */
interface Case {
  readonly title: string
  readonly text: string
  readonly from: string
  readonly to: string
  readonly others?: Readonly<Record<string, string>>
  /** Among the candidates is enough: which one is meant, tests of the project must say. */
  readonly among?: boolean
}

const cases: readonly Case[] = [
  {
    title: 'a type import that says so twice',
    text: "import type { type Box } from './b.js'\nexport const box: Box = 1\n",
    from: 'import type',
    to: 'import',
    others: { 'src/b.ts': 'export type Box = number\n' },
  },
  {
    title: 'a misspelt name',
    text: 'const retriesMax = 3\nexport const twice = retreisMax * 2\n',
    from: 'retreisMax',
    to: 'retriesMax',
  },
  {
    title: 'a lost dot behind a global',
    text: 'export const half = (n: number): number => Mathceil(n / 2)\n',
    from: 'Mathceil',
    to: 'Math.ceil',
  },
  {
    title: 'a lost dot behind "this"',
    text: 'export class Queue {\n  items: string[] = []\n  get size(): number {\n    return thisitems.length\n  }\n}\n',
    from: 'thisitems',
    to: 'this.items',
  },
  {
    title: 'a lost dot behind a part of a union',
    text: "type Token = { kind: 'text' } | { kind: 'group'; tokens: string[] }\nexport const count = (token: Token): number => (token.kind === 'group' ? tokentokens.length : 0)\n",
    from: 'tokentokens',
    to: 'token.tokens',
  },
  {
    title: 'a lost dot within a path',
    text: 'export const size = (box: { list: string[] }): number => box.listlength\n',
    from: 'listlength',
    to: 'list.length',
  },
  {
    title: 'a declaration that is misspelt where its uses are not',
    text: 'export function twice(amount: number): number {\n  const resutl = amount * 2\n  if (result > 10) return 10\n  return result\n}\n',
    from: 'resutl',
    to: 'result',
  },
  {
    title: 'a member that is misspelt where it is declared',
    text: 'interface Box {\n  contnet: string\n}\nexport const show = (box: Box): string => box.content.trim() + box.content\n',
    from: 'contnet',
    to: 'content',
  },
  {
    title: 'a parameter of another type than what everyone passes',
    text: "function head(words: string): string | undefined {\n  return words.find((word) => word.length > 1)\n}\nexport const first = head(['a', 'bc'])\n",
    from: 'words: string)',
    to: 'words: string[])',
  },
  {
    title: 'a type that lost one of its parts',
    text: 'class Problem {\n  constructor(readonly path: undefined) {}\n}\nexport const make = (path: string): Problem => new Problem(path)\n',
    from: 'path: undefined',
    to: 'path: string | undefined',
    among: true,
  },
  {
    title: 'a list without the type of what is put into it',
    text: "type Token = { kind: 'text' | 'name' }\nexport function tokens(): Token[] {\n  const output = [{ kind: 'text' }]\n  return output\n}\n",
    from: 'const output =',
    to: 'const output: Token[] =',
    among: true,
  },
  {
    title: 'a return that callers miss',
    text: "function joined(words: string[]) {\n  const text = words.join(' ')\n  text.trim()\n}\nexport const all: string = joined(['a'])\n",
    from: '  text.trim()',
    to: '  return text.trim()',
  },
  {
    title: 'a return of all that was found',
    text: 'interface Match {\n  path: string\n  index: number\n}\nexport function match(input: string): Match {\n  const path = input.trim()\n  const index = input.indexOf(path)\n}\n',
    from: 'indexOf(path)\n',
    to: 'indexOf(path)\n  return { path, index }\n',
  },
  {
    title: 'a parameter that callers still pass',
    text: "function repeat(text: string): string {\n  return text.repeat(times)\n}\nexport const line = repeat('-', 20)\n",
    from: 'text: string)',
    to: 'text: string, times: number)',
  },
  {
    title: 'a first parameter that callers still pass',
    text: "function repeat(times: number): string {\n  return text.repeat(times)\n}\nexport const line = repeat('-', 20)\n",
    from: 'times: number)',
    to: 'text: string, times: number)',
  },
  {
    title: 'a default that namesakes have',
    text: "export const split = (text: string, by = ','): string[] => text.split(by)\nfunction parts(text: string, by: string): number {\n  return split(text, by).length\n}\nexport const count = parts('a,b')\n",
    from: 'by: string)',
    to: "by: string = ',')",
  },
  {
    title: 'an argument that its function takes and does not use any more',
    text: 'const shown = (text: unknown): unknown => Object.getPrototypeOf(text)\nexport function kind(value: unknown): unknown {\n  const depth = 3\n  return depth > 2 ? shown() : depth\n}\n',
    from: 'shown()',
    to: 'shown(value)',
  },
  {
    title: 'a property that is like its neighbours',
    text: 'interface Flags {\n  a: Set<string>\n  b: Set<string>\n  c: Set<string>\n  d: Set<string>\n}\nexport const flags: Flags = { a: new Set(), b: new Set(), c: new Set() }\n',
    from: 'c: new Set() }',
    to: 'c: new Set(), d: new Set() }',
    among: true,
  },
  {
    title: 'an empty default for what may be missing',
    text: 'const count = (given: string[]): number => given.length\nexport const size = (options: { list?: string[] }): number => count(options.list)\n',
    from: 'count(options.list)',
    to: 'count(options.list ?? [])',
    among: true,
  },
  {
    title: 'a misspelt member',
    text: 'export function size(list: string[]): number {\n  return list.lenght\n}\n',
    from: 'lenght',
    to: 'length',
  },
  {
    title: 'a member that is farther off than the compiler looks',
    text: 'interface Limits {\n  readonly delayMsMax: number\n}\nexport const show = (limits: Limits): number => limits.delayMax\n',
    from: 'limits.delayMax',
    to: 'limits.delayMsMax',
  },
  {
    title: 'a misspelt key',
    text: 'interface Point {\n  latitude: number\n}\nexport const home: Point = { lattitude: 1 }\n',
    from: '{ lattitude',
    to: '{ latitude',
  },
  {
    title: 'a misspelt text',
    text: "type Mode = 'read' | 'write'\nexport const mode: Mode = 'wirte'\n",
    from: "'wirte'",
    to: "'write'",
  },
  {
    title: 'a misspelt text in a comparison',
    text: "type Mode = 'read' | 'write'\nexport const isRead = (mode: Mode): boolean => mode === 'raed'\n",
    from: "'raed'",
    to: "'read'",
  },
  {
    title: 'a misspelt case',
    text: "type Mode = 'read' | 'write'\nexport function f(mode: Mode): number {\n  switch (mode) {\n    case 'raed':\n      return 1\n    default:\n      return 2\n  }\n}\n",
    from: "case 'raed'",
    to: "case 'read'",
  },
  {
    title: 'a missing import',
    text: 'export const three = plus(1, 2)\n',
    from: 'export',
    to: "import { plus } from './b.js'\n\nexport",
    others: { 'src/b.ts': 'export const plus = (a: number, b: number): number => a + b\n' },
  },
  {
    title: 'all names of a lost import line',
    text: 'export const three = minus(plus(1, 2), 1)\n',
    from: 'export',
    to: "import { minus, plus } from './b.js'\n\nexport",
    others: {
      'src/b.ts':
        'export const plus = (a: number, b: number): number => a + b\nexport const minus = (a: number, b: number): number => a - b\n',
    },
  },
  {
    title: 'an import that nothing uses',
    text: "import { plus } from './b.js'\nexport const one = 1\n",
    from: "import { plus } from './b.js'\n",
    to: '',
    others: { 'src/b.ts': 'export const plus = 1\n' },
  },
  {
    title: 'a constant that changes',
    text: 'export function sum(list: number[]): number {\n  const total = 0\n  for (const one of list) total += one\n  return total\n}\n',
    from: 'const total',
    to: 'let total',
  },
  {
    title: 'swapped arguments',
    text: "function repeat(text: string, times: number): string {\n  return text.repeat(times)\n}\nexport const line = repeat(3, '-')\n",
    from: "(3, '-')",
    to: "('-', 3)",
  },
  {
    title: 'an argument too many',
    text: 'const twice = (a: number): number => a * 2\nexport const four = twice(2, 1)\n',
    from: '(2, 1)',
    to: '(2)',
  },
  {
    title: 'a literal too many',
    text: "function pad(text: string, by?: string): string {\n  return text + (by ?? '')\n}\nexport const padded = pad('a', 0)\n",
    from: "('a', 0)",
    to: "('a')",
  },
  {
    title: 'a missing argument, by name and type',
    text: 'function wait(delayMs: number, label: string): string {\n  return label + delayMs\n}\nexport function run(label: string, delayMs: number): string {\n  return wait(label)\n}\n',
    from: 'wait(label)',
    to: 'wait(delayMs, label)',
  },
  {
    title: 'a missing argument that other calls pass',
    text: "function cut(text: string, from: number): string {\n  return text.slice(from)\n}\nexport const a = cut('abc', 1)\nexport const b = cut('abd')\n",
    from: "cut('abd')",
    to: "cut('abd', 1)",
    among: true,
  },
  {
    title: 'a missing argument of the object itself',
    text: 'const join = (a: string, limit: number): string => a + limit\nexport class Box {\n  limit = 3\n  show(text: string): string {\n    return join(text)\n  }\n}\n',
    from: 'join(text)',
    to: 'join(text, this.limit)',
  },
  {
    title: 'a missing await',
    text: 'const load = async (): Promise<string> => "a"\nexport async function size(): Promise<number> {\n  const text = load()\n  return text.length\n}\n',
    from: 'load()\n',
    to: 'await load()\n',
  },
  {
    title: 'a missing async',
    text: 'const load = async (): Promise<string> => "a"\nexport function size(): Promise<number> {\n  const text = await load()\n  return text.length\n}\n',
    from: 'export function',
    to: 'export async function',
  },
  {
    title: 'a loop over what comes with time',
    text: 'export async function all(list: AsyncIterable<string>): Promise<string> {\n  let text = ""\n  for (const one of list) text += one\n  return text\n}\n',
    from: 'for (',
    to: 'for await (',
  },
  {
    title: 'a class called like a function',
    text: 'class Box {\n  size = 1\n}\nexport const box = Box()\n',
    from: 'Box()',
    to: 'new Box()',
  },
  {
    title: 'a function that is not called',
    text: 'const size = (): number => 1\nexport const twice: number = size\n',
    from: '= size\n',
    to: '= size()\n',
  },
  {
    title: 'a getter that is called',
    text: 'class Box {\n  get size(): number {\n    return 1\n  }\n}\nexport const size = new Box().size()\n',
    from: 'size()\n',
    to: 'size\n',
  },
  {
    title: 'a length that was meant',
    text: 'export function longer(a: string[], limit: number): boolean {\n  return a > limit\n}\n',
    from: 'a > limit',
    to: 'a.length > limit',
  },
  {
    title: 'an optional chain',
    text: 'export const size = (text: string | undefined): number => text.length ?? 0\n',
    from: 'text.length',
    to: 'text?.length',
  },
  {
    title: 'an optional chain before an index',
    text: 'export const first = (list: string[] | undefined): string | undefined => list[0]\n',
    from: 'list[0]',
    to: 'list?.[0]',
  },
  {
    title: 'a default that the code uses elsewhere',
    text: 'const limits = { max: 3 as number | undefined }\nexport const a = (limits.max ?? 5) + 1\nexport const b: number = limits.max\n',
    from: '= limits.max\n',
    to: '= limits.max ?? 5\n',
    among: true,
  },
  {
    title: 'a missing return',
    text: 'export function twice(a: number): number {\n  a * 2\n}\n',
    from: 'a * 2',
    to: 'return a * 2',
  },
  {
    title: 'a lost line that returns what was filled',
    text: 'export function twice(list: number[]): number[] {\n  const result: number[] = []\n  for (const one of list) result.push(one * 2)\n}\n',
    from: 'one * 2)\n',
    to: 'one * 2)\n  return result\n',
  },
  {
    title: 'a lost return of the object itself',
    text: 'export class Box {\n  size = 0\n  grow(): Box {\n    this.size += 1\n  }\n}\n',
    from: '+= 1\n',
    to: '+= 1\n    return this\n',
    among: true,
  },
  {
    title: 'a parameter without a type, by its namesakes',
    text: 'export const a = (path: string): string => path.trim()\nexport const b = (path): string => path.slice(1)\n',
    from: '(path): string',
    to: '(path: string): string',
  },
  {
    title: 'a parameter with the wrong type',
    text: "export const b = (path: number): string => path.slice(1)\nexport const c = b('x')\n",
    from: 'path: number',
    to: 'path: string',
  },
  {
    title: 'a result with the wrong type',
    text: 'export function size(text: string): string {\n  return text.length\n}\n',
    from: '): string',
    to: '): number',
  },
  {
    title: 'a type that lacks undefined',
    text: 'export let held: string = "a"\nexport function drop(): void {\n  held = undefined\n}\n',
    from: 'held: string',
    to: 'held: string | undefined',
  },
  {
    title: 'a list that must not be written',
    text: 'export const sum = (list: number[]): number => list.length\nconst fixed: readonly number[] = [1]\nexport const three = sum(fixed)\n',
    from: 'list: number[]',
    to: 'list: readonly number[]',
  },
  {
    title: 'a lost member of an interface',
    text: 'interface Options {\n  readonly size: number\n}\nexport const small: Options = { size: 1, limit: 3 }\n',
    from: '  readonly size',
    to: '  readonly limit: number\n  readonly size',
  },
  {
    title: 'a lost field of a class',
    text: 'export class Box {\n  size = 0\n  constructor(by: number) {\n    this.steps = by\n  }\n}\n',
    from: '  size = 0',
    to: '  steps: number\n  size = 0',
    among: true,
  },
  {
    title: 'a property that callers leave out',
    text: 'interface Options {\n  size: number\n  limit: number\n}\nexport const a: Options = { size: 1 }\n',
    from: 'limit: number',
    to: 'limit?: number',
    among: true,
  },
  {
    title: 'a private member that others read',
    text: 'class Box {\n  private size = 0\n}\nexport const size = new Box().size\n',
    from: 'private size',
    to: 'size',
  },
  {
    title: 'a missing property, by name and type',
    text: 'interface Point {\n  x: number\n  y: number\n}\nexport const at = (x: number, y: number): Point => ({ x })\n',
    from: '{ x }',
    to: '{ x, y }',
  },
  {
    title: 'a missing property of a parameter',
    text: 'interface Point {\n  x: number\n  y: number\n}\nexport const moved = (from: Point): Point => ({ x: from.x + 1 })\n',
    from: 'from.x + 1 }',
    to: 'from.x + 1, y: from.y }',
  },
  {
    title: 'a missing property on a line of its own',
    text: 'interface Point {\n  x: number\n  y: number\n}\nexport function at(x: number, y: number): Point {\n  const z = x\n  return {\n    x: z,\n  }\n}\nexport const y = 1\n',
    from: 'x: z',
    to: 'x: z,\n    y',
    among: true,
  },
  {
    title: 'type arguments that the project writes elsewhere',
    text: 'interface Box<T> {\n  value: T\n}\nexport const a: Box<string> = { value: "a" }\nexport const b: Box = { value: "b" }\n',
    from: 'b: Box ',
    to: 'b: Box<string> ',
  },
  {
    title: 'a text that must be kept to the letter',
    text: "type Mode = 'read' | 'write'\nconst use = (options: { mode: Mode }): Mode => options.mode\nconst options = { mode: 'read' }\nexport const used = use(options)\n",
    from: "{ mode: 'read' }",
    to: "{ mode: 'read' } as const",
    among: true,
  },
  {
    title: 'a class that lost what it extends',
    text: 'class Base {\n  size = 0\n}\nexport class Other extends Base {}\nexport class Box {\n  grow(): void {\n    this.size += 1\n  }\n}\n',
    from: 'class Box',
    to: 'class Box extends Base',
  },
  {
    title: 'an operator that texts do not have',
    text: 'export const path = (folder: string, name: string): string => folder - name\n',
    from: 'folder - name',
    to: 'folder + name',
    among: true,
  },
  {
    title: 'a member that overrides',
    text: 'class Base {\n  size(): number {\n    return 1\n  }\n}\nexport class Box extends Base {\n  size(): number {\n    return 2\n  }\n}\n',
    from: 'Base {\n  size(): number {\n    return 2',
    to: 'Base {\n  override size(): number {\n    return 2',
  },
  {
    title: 'a value with a similar name and the right type',
    text: 'const count = (total: number): number => total\nexport function show(totalText: string, totalCount: number): string {\n  return totalText + count(totalText) + totalCount\n}\n',
    from: 'count(totalText)',
    to: 'count(totalCount)',
    among: true,
  },
]

describe('rules', () => {
  it.each(cases)('heal $title', ({ text, from, to, others = {}, among = false }) => {
    expect(text).toContain(from)
    const files = { 'src/a.ts': text, ...others }
    const { candidates } = outcomeOf(files)
    const healed = healedBy(candidates, files)
    const wanted = text.replace(from, to)
    if (among) expect(healed).toContain(wanted)
    else expect(healed[0]).toBe(wanted)
    expect(candidates[0]?.left).toBe(0)
  })

  it('export what another file asks for and its own file only declares', () => {
    const files = {
      'src/a.ts': "import type { Merger } from './b.js'\nexport const use = (merger: Merger): number => merger()\n",
      'src/b.ts': 'type Merger = () => number\nexport type Merge = Merger\n',
    }
    const { candidates } = outcomeOf(files)
    expect(healedBy(candidates, files)[0]).toBe('export type Merger = () => number\nexport type Merge = Merger\n')
    expect(candidates[0]?.left).toBe(0)
  })
})
