import { createRequire } from 'node:module'
import { posix } from 'node:path'
import { isTest } from '../../../src/repair/imports/import-path.js'
import { compilerFixes } from '../../../src/repair/types/compiler-fixes.js'
import type { TypeScript } from '../../../src/repair/types/compiler.js'
import { repairTypes, type TypesCandidate, type TypesOutcome, type TypesRequest } from '../../../src/repair/types/run.js'
import { rules } from '../../../src/repair/types/script.js'
import { openSession } from '../../../src/repair/types/session.js'
import { createTools } from '../../../src/repair/types/tools.js'

const require = createRequire(import.meta.url)
// This project is built with TypeScript 7, which has no JavaScript API; a tool of ours brings one that has.
export const compilerPath = createRequire(require.resolve('@arethetypeswrong/core')).resolve('typescript')
const compiler = require(compilerPath) as TypeScript // It is the compiler whose shape `TypeScript` tells.

const config = {
  compilerOptions: {
    target: 'es2022',
    module: 'nodenext',
    moduleResolution: 'nodenext',
    strict: true,
    noUnusedLocals: true,
    noImplicitReturns: true,
    noImplicitOverride: true,
    types: [],
    lib: ['es2018'],
  },
  include: ['src', 'test'],
}

// The library of the compiler is read and parsed once for all tests.
const registry: unknown = Reflect.apply(Reflect.get(compiler, 'createDocumentRegistry'), compiler, [])
const cache = new Map<string, string | undefined>()

let projects = 0

/** The compiler over files that exist only in memory; its own library is read from the disk, once. */
function over(files: Readonly<Record<string, string>>, root: string): TypeScript {
  const all = new Map(
    Object.entries({ 'tsconfig.json': JSON.stringify(config), 'package.json': '{"type":"module"}', ...files }).map(
      ([path, text]) => [`${root}/${path}`, text],
    ),
  )
  const { sys } = compiler
  const isMine = (path: string): boolean => path === root || path.startsWith(`${root}/`)
  const fromDisk = (path: string): string | undefined => {
    if (!cache.has(path)) cache.set(path, sys.readFile(path))
    return cache.get(path)
  }
  return {
    ...compiler,
    createLanguageService: (host) => Reflect.apply(compiler.createLanguageService, compiler, [host, registry]),
    sys: {
      ...sys,
      fileExists: (path) => (isMine(path) ? all.has(path) : sys.fileExists(path)),
      readFile: (path) => (isMine(path) ? all.get(path) : fromDisk(path)),
      directoryExists: (path) =>
        isMine(path) ? path === root || [...all.keys()].some((file) => file.startsWith(`${path}/`)) : sys.directoryExists(path),
      getDirectories: (path) =>
        isMine(path)
          ? [
              ...new Set(
                [...all.keys()]
                  .filter((file) => file.startsWith(`${path}/`))
                  .map((file) => file.slice(path.length + 1))
                  .filter((rest) => rest.includes('/'))
                  .map((rest) => rest.slice(0, rest.indexOf('/'))),
              ),
            ]
          : sys.getDirectories(path),
      readDirectory: (folder) =>
        [...all.keys()].filter(
          (path) => path.startsWith(`${String(folder)}/`) && /\.tsx?$/.test(path) && /\/(?:src|test)\//.test(path),
        ),
      realpath: (path: string) => posix.normalize(path),
    } as TypeScript['sys'], // The compiler asks for more than the rules do.
  }
}

/** Works on the first error of some files. */
export function outcomeOf(files: Readonly<Record<string, string>>, given: Partial<TypesRequest> = {}): TypesOutcome {
  // What the compiler keeps of a path must not be taken for a file of another test.
  const root = `/project-${(projects += 1)}`
  const request = {
    root,
    file: 'src/a.ts',
    line: undefined,
    column: undefined,
    code: 0,
    configs: [],
    candidatesMax: 5,
    ideasMax: 60,
    timeMsMax: 60_000,
    ...given,
  }
  return repairTypes(over(files, root), request, { openSession, createTools, compilerFixes, rules, isTest, now: () => 0 })
}

/** Names that a text uses and declares nowhere. */
export function unknownNames(text: string): readonly string[] {
  const root = `/project-${(projects += 1)}`
  const session = openSession(over({ 'src/a.ts': text }, root), { root, file: `${root}/src/a.ts`, configs: [] })
  return session
    .errors()
    .flatMap(({ code, messageText }) =>
      code === 2304 || code === 2552 || code === 2584 ? [/'([^']+)'/.exec(String(messageText))?.[1] ?? ''] : [],
    )
}

/** The files after each candidate, the best first. */
export function healedBy(candidates: readonly TypesCandidate[], files: Readonly<Record<string, string>>): readonly string[] {
  return candidates.map(({ edits }) => {
    const path = edits[0]?.path ?? ''
    const text = files[path] ?? ''
    let made = ''
    let at = 0
    for (const edit of edits.filter((one) => one.path === path).sort((a, b) => a.start - b.start || a.end - b.end)) {
      made += text.slice(at, edit.start) + edit.text
      at = edit.end
    }
    return made + text.slice(at)
  })
}
