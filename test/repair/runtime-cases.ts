import type { Workspace } from '../../src/core/ports.js'
import type { Fault } from '../../src/core/fault.js'
import { classify } from '../../src/faults/classify.js'
import { memoryWorkspace } from '../../src/testing/memory-workspace.js'

/** A small project in which something throws, and what has to stand in a file for it to be healed. */
export interface RuntimeCase {
  readonly name: string
  readonly files: Readonly<Record<string, string>>
  /** The name and message of the error. */
  readonly error: string
  /** The places on the stack, innermost first: `src/a.js:3:7`. */
  readonly stack: readonly string[]
  /** The file that is healed; default: `src/a.js`. */
  readonly path?: string
  /** A stretch of the healed text. */
  readonly healed: string
  /** How many candidates may come before it; default: none. */
  readonly before?: number
}

export function projectOf({ files }: Pick<RuntimeCase, 'files'>): Workspace {
  return memoryWorkspace({ 'package.json': '{"name":"p"}', ...files })
}

/** The fault as it is read from what Node prints. */
export function faultOf({ error, stack }: Pick<RuntimeCase, 'error' | 'stack'>): Fault {
  const frames = stack.map((place) => `    at run (/project/${place})`)
  const output = [error, ...frames, '    at node:internal/main/run_main_module:36:49', '', 'Node.js v24.0.0', ''].join('\n')
  const [fault] = classify({ output, exitCode: 1, command: 'npm test' })
  if (fault === undefined) throw new RangeError(`Cannot read a fault from "${error}"`)
  return fault
}

const js = (...lines: readonly string[]): string => `${lines.join('\n')}\n`

export const runtimeCases: readonly RuntimeCase[] = [
  {
    name: 'a declaration was renamed, and its uses were not',
    files: {
      'src/a.js': js(
        'export function sum(list) {',
        '  let totals = 0',
        '  for (const one of list) total += one',
        '  return total',
        '}',
      ),
    },
    error: 'ReferenceError: total is not defined',
    stack: ['src/a.js:3:27'],
    healed: 'let total = 0',
  },
  {
    name: 'an import of several names is gone',
    files: {
      'src/constants.js': js('module.exports = { COMMA: 1, DOT: 2, UNUSED: 3 }'),
      'src/a.js': js(
        'module.exports = function marks(list) {',
        '  return list.filter((one) => one === DOT || one === COMMA)',
        '}',
      ),
    },
    error: 'ReferenceError: DOT is not defined',
    stack: ['src/a.js:2:41'],
    healed: "const { DOT, COMMA } = require('./constants')",
  },
  {
    name: 'the import of a declared package is gone, which bears the name but for its case',
    files: {
      'package.json': '{ "dependencies": { "setprototypeof": "^1.2.0", "depd": "^2.0.0" } }',
      'src/a.js': js(
        "var depd = require('depd')",
        'module.exports = function make(one, two) {',
        '  return setPrototypeOf(one, depd(two))',
        '}',
      ),
    },
    error: 'ReferenceError: setPrototypeOf is not defined',
    stack: ['src/a.js:3:3'],
    healed: "setPrototypeOf = require('setprototypeof')",
  },
  {
    name: 'the import of a declared package is gone, which exports the name',
    files: {
      'package.json': '{ "type": "module", "dependencies": { "mime-words": "^1.0.0", "other": "^1.0.0" } }',
      'node_modules/mime-words/package.json': '{ "name": "mime-words", "exports": "./index.js", "type": "module" }',
      'node_modules/mime-words/index.js': js('export function lookup(name) {', '  return name', '}'),
      'src/a.js': js('export function typeOf(file) {', '  return lookup(file)', '}'),
    },
    error: 'ReferenceError: lookup is not defined',
    stack: ['src/a.js:2:10'],
    healed: "import { lookup } from 'mime-words'",
  },
  {
    name: 'a use is misspelt',
    files: {
      'src/a.js': js(
        'export function sum(list) {',
        '  let total = 0',
        '  for (const one of list) total += one',
        '  return totl',
        '}',
      ),
    },
    error: 'ReferenceError: totl is not defined',
    stack: ['src/a.js:4:3'],
    healed: 'return total\n',
  },
  {
    name: 'a global is misspelt',
    files: { 'src/a.js': js('export const keys = (value) => Objct.keys(value)') },
    error: 'ReferenceError: Objct is not defined',
    stack: ['src/a.js:1:32'],
    healed: 'Object.keys(value)',
  },
  {
    name: 'a dot behind a global is lost',
    files: { 'src/a.js': js('export const half = (n) => Mathceil(n / 2)') },
    error: 'ReferenceError: Mathceil is not defined',
    stack: ['src/a.js:1:28'],
    healed: 'Math.ceil(n / 2)',
  },
  {
    name: 'a dot behind "this" is lost',
    files: {
      'src/a.js': js(
        'export class Queue {',
        '  constructor() {',
        '    this.items = []',
        '  }',
        '  get size() {',
        '    return thisitems.length',
        '  }',
        '}',
      ),
    },
    error: 'ReferenceError: thisitems is not defined',
    stack: ['src/a.js:6:12'],
    healed: 'return this.items.length',
  },
  {
    name: 'a dot within a path is lost',
    files: {
      'src/a.js': js(
        'export function first(token) {',
        '  if (token.value.trim() === "") return undefined',
        '  return token.valuetrim().charAt(0)',
        '}',
      ),
    },
    error: 'TypeError: token.valuetrim is not a function',
    stack: ['src/a.js:3:16'],
    healed: 'return token.value.trim().charAt(0)',
  },
  {
    name: 'a shorthand key loses its variable',
    files: { 'src/a.js': js('export function make(size) {', '  if (size < 0) return null', '  return { sizes }', '}') },
    error: 'ReferenceError: sizes is not defined',
    stack: ['src/a.js:3:12'],
    healed: '{ sizes: size }',
  },
  {
    name: 'a key of a pattern was renamed',
    files: { 'src/a.js': js('export function make({ widths, height }) {', '  return width * height', '}') },
    error: 'ReferenceError: width is not defined',
    stack: ['src/a.js:2:10'],
    healed: '{ width, height }',
    before: 1,
  },
  {
    name: 'the import of a sibling is missing',
    files: {
      'src/a.js': js("import { other } from './b.js'", '', 'export const run = () => other(double(2))'),
      'src/b.js': js('export const other = (x) => x', 'export const double = (x) => 2 * x'),
    },
    error: 'ReferenceError: double is not defined',
    stack: ['src/a.js:3:32'],
    healed: "import { other, double } from './b.js'",
  },
  {
    name: 'a module of Node is imported elsewhere',
    files: {
      'src/a.cjs': js("'use strict'", '', 'module.exports = (name) => path.join(name, name)'),
      'src/b.cjs': js("const path = require('node:path')", 'module.exports = path.sep'),
    },
    error: 'ReferenceError: path is not defined',
    stack: ['src/a.cjs:3:28'],
    path: 'src/a.cjs',
    healed: "const path = require('node:path')",
  },
  {
    name: 'a variable is never declared',
    files: {
      'src/a.js': js(
        'export function sum(list) {',
        '  let total = 0',
        '  for (index = 0; index < list.length; index += 1) total += list[index]',
        '  return total',
        '}',
      ),
    },
    error: 'ReferenceError: index is not defined',
    stack: ['src/a.js:3:8'],
    healed: 'for (let index = 0;',
  },
  {
    name: 'the object of a property is missing',
    files: {
      'src/a.js': js('export class Box {', '  size = 1', '  grow() {', '    this.size += 1', '    return size', '  }', '}'),
    },
    error: 'ReferenceError: size is not defined',
    stack: ['src/a.js:5:12'],
    healed: 'return this.size',
  },
  {
    name: 'a name is missing among what is taken apart',
    files: { 'src/a.js': js('export function make({ low }) {', '  return [low, high]', '}') },
    error: 'ReferenceError: high is not defined',
    stack: ['src/a.js:2:16'],
    healed: '{ low, high }',
    before: 1,
  },
  {
    name: 'a property is misspelt where it is read',
    files: {
      'src/a.js': js(
        'export class Tree {',
        '  constructor(root) {',
        '    this.root = root',
        '  }',
        '  first() {',
        '    return this.rot.value',
        '  }',
        '}',
      ),
    },
    error: "TypeError: Cannot read properties of undefined (reading 'value')",
    stack: ['src/a.js:6:21'],
    healed: 'this.root.value',
  },
  {
    name: 'a property was renamed where it is defined',
    files: {
      'src/a.js': js('export const settings = () => ({ colour: { red: 1 }, size: 2 })'),
      'src/b.js': js(
        "import { settings } from './a.js'",
        'export const red = () => settings().color.red',
        'export const other = () => settings().color',
        'export const size = () => settings().size',
      ),
    },
    error: "TypeError: Cannot read properties of undefined (reading 'red')",
    stack: ['src/b.js:2:42'],
    healed: '{ color: { red: 1 }',
    before: 2,
  },
  {
    name: 'a list is never started',
    files: {
      'src/a.js': js(
        'export function all(source) {',
        '  let found',
        '  for (const one of source) found.push(one)',
        '  return found',
        '}',
      ),
    },
    error: "TypeError: Cannot read properties of undefined (reading 'push')",
    stack: ['src/a.js:3:35'],
    healed: 'let found = []',
  },
  {
    name: 'a function forgets to return',
    files: {
      'src/a.js': js(
        "import { parse } from './b.js'",
        'export function name(text) {',
        '  const tree = parse(text)',
        '  return tree.name',
        '}',
      ),
      'src/b.js': js(
        'export function parse(text) {',
        '  const parts = text.split(1)',
        '  build(parts)',
        '}',
        'function build(parts) {',
        '  return { name: parts[0] }',
        '}',
      ),
    },
    error: "TypeError: Cannot read properties of undefined (reading 'name')",
    stack: ['src/a.js:4:15'],
    path: 'src/b.js',
    healed: '  return build(parts)\n}',
  },
  {
    name: 'a promise is taken for its value',
    files: {
      'src/a.js': js(
        'async function load() {',
        '  return { items: [1] }',
        '}',
        'export async function run() {',
        '  const loaded = load()',
        '  return loaded.items.map(String)',
        '}',
      ),
    },
    error: "TypeError: Cannot read properties of undefined (reading 'map')",
    stack: ['src/a.js:6:23'],
    healed: 'await load()',
    before: 20,
  },
  {
    name: 'an index is one too far',
    files: { 'src/a.js': js('export function last(list) {', '  return list[list.length].name', '}') },
    error: "TypeError: Cannot read properties of undefined (reading 'name')",
    stack: ['src/a.js:2:28'],
    healed: 'list[list.length - 1].name',
  },
  {
    name: 'a condition is the wrong way round',
    files: {
      'src/a.js': js('export function label(item) {', "  if (item || item.name === 'x') return 'x'", "  return 'y'", '}'),
    },
    error: "TypeError: Cannot read properties of undefined (reading 'name')",
    stack: ['src/a.js:2:20'],
    healed: "item && item.name === 'x'",
    before: 3,
  },
  {
    name: 'an argument is missing',
    files: {
      'src/a.js': js(
        'function scale(point, options) {',
        '  return point * options.factor',
        '}',
        'export function run(point, options) {',
        '  return scale(point)',
        '}',
      ),
    },
    error: "TypeError: Cannot read properties of undefined (reading 'factor')",
    stack: ['src/a.js:2:26', 'src/a.js:5:10'],
    healed: 'scale(point, options)',
  },
  {
    name: 'options may be left out',
    files: {
      'src/a.js': js('export function make(options) {', '  return options.size + 1', '}'),
      'test/a.test.js': js("import { make } from '../src/a.js'", 'make()'),
    },
    error: "TypeError: Cannot read properties of undefined (reading 'size')",
    stack: ['src/a.js:2:18', 'test/a.test.js:2:1'],
    healed: 'make(options = {})',
    before: 3,
  },
  {
    name: 'a method loses its object',
    files: {
      'src/a.js': js(
        'export class Bag {',
        '  constructor() {',
        '    this.items = []',
        '  }',
        '  add(item) {',
        '    this.items.push(item)',
        '  }',
        '  addAll(list) {',
        '    list.forEach(this.add)',
        '  }',
        '}',
      ),
    },
    error: "TypeError: Cannot read properties of undefined (reading 'items')",
    stack: ['src/a.js:6:10', 'src/a.js:9:10'],
    healed: 'list.forEach(this.add.bind(this))',
  },
  {
    name: 'a function has a "this" of its own',
    files: {
      'src/a.js': js(
        'export class Bag {',
        '  sum(list) {',
        '    return list.map(function (one) { return one * this.factor })',
        '  }',
        '}',
      ),
    },
    error: "TypeError: Cannot read properties of undefined (reading 'factor')",
    stack: ['src/a.js:3:56'],
    healed: 'list.map((one) => { return one * this.factor })',
  },
  {
    name: 'a value may be null at the end of a tree',
    files: { 'src/a.js': js('export function depth(node) {', '  return 1 + Math.max(depth(node.left), depth(node.right))', '}') },
    error: "TypeError: Cannot read properties of null (reading 'left')",
    stack: ['src/a.js:2:34'],
    healed: 'if (!node) return 0',
    before: 12,
  },
  {
    name: 'a callback of a test gets nothing',
    files: {
      'src/a.js': js('export function walk(node, visit) {', '  visit(node)', '  walk(node.next, visit)', '}'),
      'test/a.test.js': js("import { walk } from '../src/a.js'", 'walk({ next: null }, (node) => node.name)'),
    },
    error: "TypeError: Cannot read properties of null (reading 'name')",
    stack: ['test/a.test.js:2:37', 'src/a.js:2:3', 'src/a.js:3:3'],
    healed: 'if (!node) return\n  visit(node)',
    before: 12,
  },
  {
    name: 'what is taken apart may be left out',
    files: { 'src/a.js': js('export function make({ size }) {', '  return size', '}') },
    error: "TypeError: Cannot destructure property 'size' of 'undefined' as it is undefined.",
    stack: ['src/a.js:1:24'],
    healed: '{ size } = {}',
  },
  {
    name: 'a key of what is taken apart is misspelt',
    files: {
      'src/a.js': js(
        'const parts = { first: { x: 1 } }',
        'export function run() {',
        '  const { x } = parts.frist',
        '  return x + parts.first.x',
        '}',
      ),
    },
    error: "TypeError: Cannot destructure property 'x' of 'parts.frist' as it is undefined.",
    stack: ['src/a.js:3:11'],
    healed: 'parts.first\n',
  },
  {
    name: 'a built-in method is misspelt',
    files: { 'src/a.js': js('export const trimmed = (list) => list.flter(Boolean)') },
    error: 'TypeError: list.flter is not a function',
    stack: ['src/a.js:1:39'],
    healed: 'list.filter(Boolean)',
  },
  {
    name: 'a method was renamed where it is defined',
    files: {
      'src/a.js': js(
        'export class Bag {',
        '  inserts(one) {',
        '    return one',
        '  }',
        '  add(one) {',
        '    return this.insert(one)',
        '  }',
        '}',
      ),
    },
    error: 'TypeError: this.insert is not a function',
    stack: ['src/a.js:6:17'],
    healed: '  insert(one) {',
    before: 1,
  },
  {
    name: 'a property is called',
    files: { 'src/a.js': js('export const count = (list) => list.length()') },
    error: 'TypeError: list.length is not a function',
    stack: ['src/a.js:1:37'],
    healed: 'list.length\n',
  },
  {
    name: 'a set is used as an array',
    files: { 'src/a.js': js('export const names = (list) => new Set(list).map(String)') },
    error: '(intermediate value).map is not a function'.replace(/^/, 'TypeError: '),
    stack: ['src/a.js:1:46'],
    healed: '[...new Set(list)].map(String)',
    before: 8,
  },
  {
    name: 'a name of a CommonJS module was misspelt',
    files: {
      'src/a.cjs': js("const { doubel } = require('./b.cjs')", 'module.exports = () => doubel(2)'),
      'src/b.cjs': js('module.exports = { double: (x) => 2 * x }'),
    },
    error: 'TypeError: doubel is not a function',
    stack: ['src/a.cjs:2:24'],
    path: 'src/a.cjs',
    healed: '{ double: doubel }',
    before: 1,
  },
  {
    name: 'a CommonJS module is taken as a whole',
    files: {
      'src/a.cjs': js("const double = require('./b.cjs')", 'module.exports = () => double(2)'),
      'src/b.cjs': js('exports.double = (x) => 2 * x', 'exports.half = (x) => x / 2'),
    },
    error: 'TypeError: double is not a function',
    stack: ['src/a.cjs:2:24'],
    path: 'src/a.cjs',
    healed: 'const { double } = require',
  },
  {
    name: 'a module namespace is called',
    files: {
      'src/a.js': js("import * as double from './b.js'", 'export const run = () => double(2)'),
      'src/b.js': js('export default (x) => 2 * x'),
    },
    error: 'TypeError: double is not a function',
    stack: ['src/a.js:2:26'],
    healed: "import double from './b.js'",
  },
  {
    name: 'an export is missing that a test calls',
    files: {
      'lib/b.cjs': js(
        'function double(x) {',
        '  return 2 * x',
        '}',
        'function half(x) {',
        '  return x / 2',
        '}',
        'module.exports = { half }',
      ),
      'test/b.test.cjs': js("const b = require('../lib/b.cjs')", 'b.double(2)'),
    },
    error: 'TypeError: b.double is not a function',
    stack: ['test/b.test.cjs:2:3'],
    path: 'lib/b.cjs',
    healed: '{ half, double }',
  },
  {
    name: 'a value that is no class is constructed',
    files: { 'src/a.js': js('const make = () => ({ a: 1 })', 'export const run = () => new make()') },
    error: 'TypeError: make is not a constructor',
    stack: ['src/a.js:2:26'],
    healed: '=> make()',
    before: 2,
  },
  {
    name: 'the result of a call is called',
    files: { 'src/a.js': js('const make = () => 1', 'export const run = () => make()()') },
    error: 'TypeError: make(...) is not a function',
    stack: ['src/a.js:2:26'],
    healed: '=> make()\n',
    before: 2,
  },
  {
    name: 'two parameters changed places',
    files: { 'src/a.js': js('export function each(callback, list) {', '  return callback(list)', '}') },
    error: 'TypeError: callback is not a function',
    stack: ['src/a.js:2:10'],
    healed: 'each(list, callback)',
    before: 2,
  },
  {
    name: 'an object is gone through',
    files: {
      'src/a.js': js(
        'export function run(map) {',
        '  const out = []',
        '  for (const [key, value] of map) out.push(key + value)',
        '  return out',
        '}',
      ),
    },
    error: 'TypeError: map is not iterable',
    stack: ['src/a.js:3:30'],
    healed: 'of Object.entries(map))',
    before: 3,
  },
  {
    name: 'nothing is spread',
    files: { 'src/a.js': js('export function run(list, more) {', '  let rest', '  return [...list, ...rest]', '}') },
    error: 'TypeError: rest is not iterable',
    stack: ['src/a.js:3:23'],
    healed: 'let rest = []',
    before: 1,
  },
  {
    name: 'a declaration stands below its use',
    files: { 'src/a.js': js('const double = base * 2', 'const base = 1', 'export const sum = double + base') },
    error: "ReferenceError: Cannot access 'base' before initialization",
    stack: ['src/a.js:1:16'],
    healed: 'const base = 1\nconst double = base * 2\n',
  },
  {
    name: 'a declaration hides the one it is made of',
    files: { 'src/a.js': js('let depth = 1', 'export function run() {', '  const depth = depth + 1', '  return depth', '}') },
    error: "ReferenceError: Cannot access 'depth' before initialization",
    stack: ['src/a.js:3:17'],
    healed: '  depth = depth + 1',
    before: 1,
  },
  {
    name: 'a constant is assigned to',
    files: {
      'src/a.js': js(
        'export function count(list) {',
        '  const total = 0',
        '  for (const one of list) total += one',
        '  return total',
        '}',
      ),
    },
    error: 'TypeError: Assignment to constant variable.',
    stack: ['src/a.js:3:33'],
    healed: 'let total = 0',
  },
  {
    name: 'a class is called like a function',
    files: { 'src/a.js': js('class Point {}', 'export const make = () => Point()') },
    error: "TypeError: Class constructor Point cannot be invoked without 'new'",
    stack: ['src/a.js:2:27'],
    healed: 'new Point()',
  },
  {
    name: 'the constructor of the parent is not called',
    files: {
      'src/a.js': js(
        'class Shape {',
        '  constructor(name) {',
        '    this.name = name',
        '  }',
        '}',
        'export class Square extends Shape {',
        '  constructor(name, side) {',
        '    this.side = side',
        '  }',
        '}',
      ),
    },
    error:
      "ReferenceError: Must call super constructor in derived class before accessing 'this' or returning from derived constructor",
    stack: ['src/a.js:8:5'],
    healed: '    super(name)\n    this.side = side',
  },
  {
    name: 'the constructor of the parent is called too late',
    files: {
      'src/a.js': js(
        'class Shape {}',
        'export class Square extends Shape {',
        '  constructor(side) {',
        '    this.side = side',
        '    super()',
        '  }',
        '}',
      ),
    },
    error:
      "ReferenceError: Must call super constructor in derived class before accessing 'this' or returning from derived constructor",
    stack: ['src/a.js:4:5'],
    healed: '    super()\n    this.side = side',
  },
  {
    name: 'a getter asks for itself',
    files: {
      'src/a.js': js(
        'export class Box {',
        '  constructor() {',
        '    this._size = 1',
        '  }',
        '  get size() {',
        '    return this.size',
        '  }',
        '}',
      ),
    },
    error: 'RangeError: Maximum call stack size exceeded',
    stack: ['src/a.js:6:17'],
    healed: 'return this._size',
  },
  {
    name: 'an argument never grows smaller',
    files: { 'src/a.js': js('export function factorial(n) {', '  if (n <= 1) return 1', '  return n * factorial(n)', '}') },
    error: 'RangeError: Maximum call stack size exceeded',
    stack: ['src/a.js:3:14'],
    healed: 'factorial(n - 1)',
  },
  {
    name: 'a list never grows shorter',
    files: {
      'src/a.js': js('export function sum(list) {', '  if (list.length === 0) return 0', '  return list[0] + sum(list)', '}'),
    },
    error: 'RangeError: Maximum call stack size exceeded',
    stack: ['src/a.js:3:20'],
    healed: 'sum(list.slice(1))',
  },
  {
    name: 'a function calls itself where another was meant',
    files: {
      'src/a.js': js(
        "import { render } from './b.js'",
        'export function renderAll(list) {',
        '  return list.map((one) => renderAll([one]))',
        '}',
      ),
      'src/b.js': js('export const render = (one) => one'),
    },
    error: 'RangeError: Maximum call stack size exceeded',
    stack: ['src/a.js:3:28'],
    healed: 'render([one])',
  },
  {
    name: 'a method calls itself where that of the parent was meant',
    files: {
      'src/a.js': js(
        'class Shape {',
        '  area() {',
        '    return 1',
        '  }',
        '}',
        'export class Square extends Shape {',
        '  area() {',
        '    return this.area() + 1',
        '  }',
        '}',
      ),
    },
    error: 'RangeError: Maximum call stack size exceeded',
    stack: ['src/a.js:8:17'],
    healed: 'super.area() + 1',
  },
  {
    name: 'the end of a recursion is missing',
    files: { 'src/a.js': js('export function factorial(n) {', '  return n * factorial(n - 1)', '}') },
    error: 'RangeError: Maximum call stack size exceeded',
    stack: ['src/a.js:2:14'],
    healed: 'if (n <= 1) return 1\n',
    before: 4,
  },
  {
    name: 'a length comes out negative',
    files: { 'src/a.js': js('export const pad = (text, width) => new Array(text.length - width)') },
    error: 'RangeError: Invalid array length',
    stack: ['src/a.js:1:37'],
    healed: 'new Array(width - text.length)',
  },
  {
    name: 'a reduction starts with nothing',
    files: { 'src/a.js': js('export const sum = (list) => list.reduce((a, b) => a + b)') },
    error: 'TypeError: Reduce of empty array with no initial value',
    stack: ['src/a.js:1:35'],
    healed: '(a, b) => a + b, 0)',
  },
  {
    name: 'a built-in function gets a property that is misspelt',
    files: {
      'src/a.js': js(
        'const config = { files: { a: 1 } }',
        'export const keys = () => Object.keys(config.fils)',
        'export const files = () => config.files',
      ),
    },
    error: 'TypeError: Cannot convert undefined or null to object',
    stack: ['src/a.js:2:34'],
    healed: 'Object.keys(config.files)',
  },
  {
    name: 'the exports of a module are misspelt',
    files: {
      'src/a.cjs': js("const b = require('./b.cjs')", 'module.exports = () => b.double(2)'),
      'src/b.cjs': js('module.exprots = { double: (x) => 2 * x }'),
    },
    error: 'TypeError: b.double is not a function',
    stack: ['src/a.cjs:2:26'],
    path: 'src/b.cjs',
    healed: 'module.exports = { double',
  },
  {
    name: 'a copy of the options is never made',
    files: {
      'src/a.js': js('export function run(options) {', '  let opts', '  opts.size = options.size || 1', '  return opts', '}'),
    },
    error: "TypeError: Cannot set properties of undefined (setting 'size')",
    stack: ['src/a.js:3:13'],
    healed: 'let opts = { ...options }',
    before: 6,
  },
  {
    name: 'a method of a map is none',
    files: {
      'src/a.js': js(
        'const refs = new Map()',
        'export const put = (key) => refs.set(key, 1)',
        'export const known = (key) => refs.value(key)',
      ),
    },
    error: 'TypeError: refs.value is not a function',
    stack: ['src/a.js:3:36'],
    healed: 'refs.has(key)',
    before: 12,
  },
  {
    name: 'an async function is called in a chain',
    files: {
      'src/a.js': js(
        'async function load() {',
        '  return [1]',
        '}',
        'export async function run() {',
        '  return load().map(String)',
        '}',
      ),
    },
    error: 'TypeError: load(...).map is not a function',
    stack: ['src/a.js:5:17'],
    healed: '(await load()).map(String)',
  },
  {
    name: 'a class is created without "new"',
    files: {
      'src/a.js': js(
        'function Box() {',
        '  this.open = () => 1',
        '}',
        'const box = Box()',
        'export const run = () => box.open()',
      ),
    },
    error: 'TypeError: box.open is not a function',
    stack: ['src/a.js:5:30'],
    healed: 'new Box()',
    before: 2,
  },
  {
    name: 'a key of a pattern has another name in the object',
    files: {
      'src/a.js': js(
        'const colours = { list: [1] }',
        'export function run() {',
        '  const { lists } = colours',
        '  return lists.length + colours.list.length',
        '}',
      ),
    },
    error: "TypeError: Cannot read properties of undefined (reading 'length')",
    stack: ['src/a.js:4:16'],
    healed: '{ list: lists }',
    before: 1,
  },
  {
    name: 'a loop starts behind the end',
    files: {
      'src/a.js': js(
        'export function last(list) {',
        '  for (let i = list.length; i >= 0; i--) {',
        '    if (list[i].done) return i',
        '  }',
        '  return -1',
        '}',
      ),
    },
    error: "TypeError: Cannot read properties of undefined (reading 'done')",
    stack: ['src/a.js:3:17'],
    healed: 'let i = list.length - 1;',
    before: 1,
  },
  {
    name: 'a tree is passed on whole',
    files: {
      'src/a.js': js(
        'export function depth(node) {',
        '  if (!node) return 0',
        '  return 1 + depth(node)',
        '}',
        'export const next = (node) => node.next',
      ),
    },
    error: 'RangeError: Maximum call stack size exceeded',
    stack: ['src/a.js:3:14'],
    healed: 'depth(node.next)',
    before: 4,
  },
  {
    name: 'a result of a recursion is not returned',
    files: { 'src/a.js': js('export function walk(n, seen) {', '  if (n in seen) seen', '  return walk(n, seen)', '}') },
    error: 'RangeError: Maximum call stack size exceeded',
    stack: ['src/a.js:3:10'],
    healed: 'return seen',
    before: 12,
  },
  {
    name: 'TypeScript names are found among values only',
    files: {
      'src/a.ts':
        'interface totl { a: number }\nexport function sum(list: readonly number[]): number {\n  let total = 0\n  for (const one of list) total += one as number\n  return totl!\n}\n',
    },
    error: 'ReferenceError: totl is not defined',
    stack: ['src/a.ts:5:3'],
    path: 'src/a.ts',
    healed: 'return total!',
  },
  {
    name: 'a constructor that is called as a function has lost its "new"',
    files: {
      'src/a.js': js(
        'function Parser(text) {',
        '  if (!(this instanceof Parser)) return Parser(text)',
        '  this.text = text',
        '}',
        'module.exports = Parser',
      ),
    },
    error: 'RangeError: Maximum call stack size exceeded',
    stack: ['src/a.js:1:16', 'src/a.js:2:42', 'src/a.js:2:42'],
    healed: 'return new Parser(text)',
  },
]
