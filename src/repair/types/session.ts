import type { Diagnostic, LanguageService, ParsedConfig, Program, SourceFile, TypeScript } from './compiler.js'
import type { Change } from './change.js'

/** A project as the compiler sees it, in which text can be tried without writing it. */
export interface Session {
  readonly service: LanguageService
  program(): Program
  /** Source files of the project: neither declarations nor installed. */
  files(): readonly SourceFile[]
  /** Errors in some files, or in all. */
  errors(paths?: readonly string[]): readonly Diagnostic[]
  /** Lets the compiler see the changes, until {@link reset}. False where two changes overlap. */
  change(changes: readonly Change[]): boolean
  text(path: string): string
  /** Back to the files as they are. */
  reset(): void
}

/**
 * Opens the project to which a file belongs, by the nearest configuration that includes it. Travels into the sandbox as text:
 * uses nothing but its arguments.
 */
export function openSession(
  ts: TypeScript,
  { root, file, configs }: { readonly root: string; readonly file: string; readonly configs: readonly string[] },
): Session {
  const { fileNames, options } = configured()
  const tried = new Map<string, string>()
  const versions = new Map<string, number>()
  const originals = new Map<string, string | undefined>()

  const original = (path: string): string | undefined => {
    if (!originals.has(path)) originals.set(path, ts.sys.readFile(path))
    return originals.get(path)
  }
  const current = (path: string): string | undefined => tried.get(path) ?? original(path)
  const host = {
    ...ts.sys,
    getScriptFileNames: () => fileNames,
    getScriptVersion: (path: string) => String(versions.get(path) ?? 0),
    getScriptSnapshot: (path: string) => {
      const text = current(path)
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text)
    },
    getCurrentDirectory: () => root,
    getCompilationSettings: () => options,
    getDefaultLibFileName: (given: object) => ts.getDefaultLibFilePath(given),
    useCaseSensitiveFileNames: () => ts.sys.useCaseSensitiveFileNames,
  }
  const service = ts.createLanguageService(host)
  const program = (): Program => {
    const made = service.getProgram()
    if (made === undefined) throw new Error('The compiler gives no program')
    return made
  }
  const touch = (path: string): void => void versions.set(path, (versions.get(path) ?? 0) + 1)
  const files = (): readonly SourceFile[] => {
    const made = program()
    return made
      .getSourceFiles()
      .filter((one) => !one.isDeclarationFile && !one.fileName.includes('/node_modules/') && one.fileName.startsWith(`${root}/`))
  }
  return {
    service,
    program,
    files,
    errors: (paths) => {
      const made = program()
      return files()
        .filter((one) => paths === undefined || paths.includes(one.fileName))
        .flatMap((one) => {
          const syntactic = made.getSyntacticDiagnostics(one)
          return syntactic.length > 0 ? syntactic : made.getSemanticDiagnostics(one)
        })
        .filter((diagnostic) => diagnostic.category === 1)
    },
    text: (path) => current(path) ?? '',
    change: (changes) => {
      const byFile = new Map<string, Change[]>()
      for (const change of changes) byFile.set(change.file, [...(byFile.get(change.file) ?? []), change])
      for (const [path, list] of byFile) {
        const text = current(path) ?? ''
        let made = ''
        let at = 0
        for (const change of list.sort((a, b) => a.start - b.start || a.end - b.end)) {
          if (change.start < at) return false
          made += text.slice(at, change.start) + change.text
          at = change.end
        }
        tried.set(path, made + text.slice(at))
        touch(path)
      }
      return true
    },
    reset: () => {
      for (const path of tried.keys()) touch(path)
      tried.clear()
    },
  }

  function configured(): { readonly fileNames: readonly string[]; readonly options: Readonly<Record<string, unknown>> } {
    let fallback: ParsedConfig | undefined
    for (const path of [...configs, ...above()]) {
      const parsed = parse(path)
      for (const one of parsed === undefined ? [] : [parsed, ...referred(parsed)]) {
        if (one.fileNames.includes(file)) return { fileNames: one.fileNames, options: quiet(one.options) }
        if (one.fileNames.length > 0) fallback ??= one
      }
    }
    return {
      fileNames: [...new Set([...(fallback?.fileNames ?? []), file])],
      options: quiet(fallback?.options ?? { strict: true }),
    }
  }
  function above(): readonly string[] {
    const found: string[] = []
    for (
      let folder = file.slice(0, file.lastIndexOf('/'));
      folder.startsWith(root);
      folder = folder.slice(0, folder.lastIndexOf('/'))
    )
      for (const name of ['tsconfig.json', 'jsconfig.json']) found.push(`${folder}/${name}`)
    return found
  }
  function referred(parsed: ParsedConfig): readonly ParsedConfig[] {
    return (parsed.projectReferences ?? [])
      .slice(0, 20)
      .flatMap((reference) => parse(ts.resolveProjectReferencePath(reference)) ?? [])
  }
  function parse(path: string): ParsedConfig | undefined {
    if (!ts.sys.fileExists(path)) return undefined
    const { config } = ts.readConfigFile(path, (name) => ts.sys.readFile(name))
    return config === undefined
      ? undefined
      : ts.parseJsonConfigFileContent(config, ts.sys, path.slice(0, path.lastIndexOf('/')), {}, path)
  }
  function quiet(given: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
    return { ...given, noEmit: true, incremental: false, composite: false, tsBuildInfoFile: undefined, skipLibCheck: true }
  }
}
