import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { parse } from '@babel/parser'
import { describe, expect, it } from 'vitest'

/** Rooms by floor. A file imports its own room or a lower floor; a door (`index.ts` of a room) only re-exports its room. */
const floors: readonly (readonly string[])[] = [
  ['core'],
  ['breaker', 'scoring', 'security', 'memory', 'patch', 'faults'],
  ['repair', 'sequences'],
  ['orchestrator'],
  ['llm', 'adapters', 'testing'],
  ['cli', 'dashboard'],
]
/** The composition root and the public door of the package: above the adapters, below those who use it. */
const rootFiles = ['index.ts', 'self-healing-orchestrator.ts']
const timeAndChance = new Set(['core/world.ts', 'testing/test-world.ts'])
const doorsToOutside = new Set(['adapters', 'cli', 'dashboard'])
/** Built-in modules that compute and touch nothing outside the process. */
const pureBuiltIns = new Set([
  'node:crypto',
  'node:path',
  'node:path/posix',
  'node:util',
  'node:events',
  'node:async_hooks',
  'node:module',
  'node:buffer',
  'node:string_decoder',
  'node:url',
  'node:assert/strict',
])

/** Where time and chance come from in Node, as members and as names. */
const members = new Set([
  'Date.now',
  'performance.now',
  'performance.timeOrigin',
  'Math.random',
  'process.hrtime',
  'process.uptime',
  'crypto.randomUUID',
  'crypto.randomBytes',
  'crypto.getRandomValues',
  'AbortSignal.timeout',
])
const names = new Set(['setTimeout', 'setInterval', 'setImmediate', 'randomUUID', 'randomBytes', 'randomInt', 'getRandomValues'])

interface SourceFile {
  readonly path: string
  readonly room: string
  readonly imports: readonly string[]
  readonly builtIns: readonly string[]
  readonly clockUses: readonly string[]
}

const source = resolve(import.meta.dirname, '../src')
const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => read(path.split(sep).join('/')))

describe('the floor plan', () => {
  it('has a floor for every room', () => {
    const known = new Set(floors.flat())
    expect(files.filter(({ path, room }) => !known.has(room) && !rootFiles.includes(path)).map(({ path }) => path)).toEqual([])
  })

  it('lets a file import its own room or a lower floor, types included', () => {
    const wrong = files.flatMap((file) =>
      file.imports.filter((target) => !allowed(file, target)).map((target) => `${file.path} imports ${target}`),
    )
    expect(wrong).toEqual([])
  })

  it('has no cycle of imports', () => {
    expect(cycles(new Map(files.map(({ path, imports }) => [path, imports])))).toEqual([])
  })

  it('takes time and chance from the world only', () => {
    expect(
      files.flatMap(({ path, clockUses }) => (timeAndChance.has(path) ? [] : clockUses.map((use) => `${path}: ${use}`))),
    ).toEqual([])
  })

  it('keeps files, processes and sockets at the doors', () => {
    const wrong = files.flatMap(({ path, room, builtIns }) =>
      doorsToOutside.has(room) ? [] : builtIns.filter((name) => !pureBuiltIns.has(name)).map((name) => `${path} imports ${name}`),
    )
    expect(wrong).toEqual([])
  })

  it('lets the command line import only what a user can import', () => {
    const manifest = JSON.parse(readFileSync(resolve(source, '../package.json'), 'utf8')) as {
      exports: Record<string, { types?: string }>
    }
    const doors = new Set(
      Object.values(manifest.exports).flatMap(({ types }) =>
        types === undefined ? [] : [types.replace('./dist/', '').replace(/\.d\.ts$/, '.ts')],
      ),
    )
    const wrong = files.flatMap(({ path, room, imports }) =>
      room === 'cli'
        ? imports
            .filter((target) => !target.startsWith('cli/') && !doors.has(target))
            .map((target) => `${path} imports ${target}`)
        : [],
    )
    expect(wrong).toEqual([])
  })

  it('would see a cycle, a step up and a stray clock', () => {
    expect(
      cycles(
        new Map([
          ['a', ['b']],
          ['b', ['c']],
          ['c', ['a']],
        ]),
      ),
    ).not.toEqual([])
    expect(allowed({ path: 'core/x.ts', room: 'core' }, 'patch/y.ts')).toBe(false)
    expect(allowed({ path: 'patch/x.ts', room: 'patch' }, 'security/y.ts')).toBe(false)
    expect(allowed({ path: 'orchestrator/x.ts', room: 'orchestrator' }, 'index.ts')).toBe(false)
    expect(inspect('const a = Date.now(), b = new Date(), c = setTimeout(f, 1), d = Math.random()').clockUses).toEqual([
      'Date.now',
      'new Date()',
      'setTimeout',
      'Math.random',
    ])
    expect(inspect('const d = new Date(value); x.setTimeout(1)').clockUses).toEqual([])
  })
})

function read(path: string): SourceFile {
  const { specifiers, clockUses } = inspect(readFileSync(join(source, path), 'utf8'))
  const imports = specifiers
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) =>
      relative(source, resolve(source, dirname(path), specifier))
        .split(sep)
        .join('/')
        .replace(/\.js$/, '.ts'),
    )
  return {
    path,
    room: path.includes('/') ? path.slice(0, path.indexOf('/')) : '',
    imports,
    builtIns: specifiers.filter((specifier) => specifier.startsWith('node:')),
    clockUses,
  }
}

function allowed({ path, room }: Pick<SourceFile, 'path' | 'room'>, target: string): boolean {
  const targetRoom = target.includes('/') ? target.slice(0, target.indexOf('/')) : ''
  if (targetRoom === room && room !== '') return true
  const heightOf = (file: string, of: string): number =>
    rootFiles.includes(file) ? floors.length - 1.5 : floors.findIndex((floor) => floor.includes(of))
  if (rootFiles.includes(path) && rootFiles.includes(target)) return path === 'index.ts'
  return heightOf(target, targetRoom) < heightOf(path, room)
}

function inspect(text: string): { readonly specifiers: readonly string[]; readonly clockUses: readonly string[] } {
  const specifiers: string[] = []
  const clockUses: string[] = []
  visit({ ...parse(text, { sourceType: 'module', plugins: ['typescript'] }).program }, (node, parent) => {
    const from = node['source'] as { value?: unknown } | undefined
    if (typeof from?.value === 'string') specifiers.push(from.value)
    if (node.type === 'TSImportType') specifiers.push(String((node['argument'] as { value?: unknown }).value))
    if (node.type === 'ImportExpression' || (node.type === 'CallExpression' && (node['callee'] as Node).type === 'Import')) {
      const argument = (node['source'] ?? (node['arguments'] as Node[])[0]) as Node | undefined
      if (argument?.type === 'StringLiteral') specifiers.push(String(argument['value']))
    }
    const use = clockUse(node, parent)
    if (use !== undefined) clockUses.push(use)
  })
  return { specifiers, clockUses }
}

interface Node {
  readonly type: string
  readonly [key: string]: unknown
}

function clockUse(node: Node, parent: Node | undefined): string | undefined {
  if (node.type === 'MemberExpression') {
    const [object, property] = [node['object'] as Node, node['property'] as Node]
    const name = `${String(object['name'])}.${String(property['name'])}`
    return members.has(name) ? name : undefined
  }
  if (node.type === 'NewExpression' && (node['callee'] as Node)['name'] === 'Date' && (node['arguments'] as Node[]).length === 0)
    return 'new Date()'
  const isProperty =
    (parent?.type === 'MemberExpression' && parent['property'] === node) ||
    (parent?.type === 'ObjectProperty' && parent['key'] === node)
  return node.type === 'Identifier' && names.has(String(node['name'])) && !isProperty ? String(node['name']) : undefined
}

function visit(node: Node, see: (node: Node, parent: Node | undefined) => void, parent?: Node): void {
  see(node, parent)
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (typeof child === 'object' && child !== null && typeof (child as Node).type === 'string') visit(child as Node, see, node)
    }
  }
}

function cycles(graph: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const state = new Map<string, 'open' | 'done'>()
  const found: string[] = []
  const walk = (path: string, trail: readonly string[]): void => {
    if (state.get(path) === 'done') return
    if (state.get(path) === 'open') {
      found.push([...trail.slice(trail.indexOf(path)), path].join(' → '))
      return
    }
    state.set(path, 'open')
    for (const next of graph.get(path) ?? []) walk(next, [...trail, path])
    state.set(path, 'done')
  }
  for (const path of graph.keys()) walk(path, [])
  return found
}
