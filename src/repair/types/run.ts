import type { Diagnostic, LanguageService, Node, SourceFile, TypeScript } from './compiler.js'
import type { Idea, Rule, Scene } from './scene.js'
import type { Session, openSession } from './session.js'
import type { createTools } from './tools.js'

/** What the compiler is asked for. */
export interface TypesRequest {
  /** Absolute. */
  readonly root: string
  /** Relative to the root. */
  readonly file: string
  /** Both from 1. */
  readonly line: number | undefined
  readonly column: number | undefined
  /** Without its letters; 0: any. */
  readonly code: number
  /** Configurations that the command names, relative to the root. */
  readonly configs: readonly string[]
  readonly candidatesMax: number
  readonly ideasMax: number
  readonly timeMsMax: number
}

/** One change that the compiler accepts, or likes better than what is there. */
export interface TypesCandidate {
  readonly kind: string
  readonly title: string
  readonly prior: number
  /** Errors before and after. */
  readonly before: number
  readonly left: number
  readonly edits: readonly {
    readonly path: string
    readonly length: number
    readonly start: number
    readonly end: number
    readonly text: string
  }[]
}

export interface TypesOutcome {
  readonly version: string
  readonly errors: number
  readonly ideas: number
  readonly candidates: readonly TypesCandidate[]
}

interface Parts {
  readonly openSession: typeof openSession
  readonly createTools: typeof createTools
  readonly compilerFixes: (scene: Scene, service: LanguageService) => readonly Idea[]
  readonly rules: readonly Rule[]
  readonly isTest: (path: string) => boolean
  /** Milliseconds, of any origin. */
  readonly now: () => number
}

/**
 * Finds changes that heal one error: asks the rules and the compiler for ideas, makes each in memory, compiles, and ranks.
 * Travels into the sandbox as text: uses nothing but its arguments.
 */
export function repairTypes(ts: TypeScript, request: TypesRequest, parts: Parts): TypesOutcome {
  const { root } = request
  const startedMs = parts.now()
  const ideasOfKindMax = 12
  // However slow the machine, the best ideas have their turn.
  const ideasAlways = 5
  const isLate = (): boolean => parts.now() - startedMs > request.timeMsMax
  const session = parts.openSession(ts, {
    root,
    file: `${root}/${request.file}`,
    configs: request.configs.map((path) => `${root}/${path}`),
  })
  const errors = session.errors()
  const target = errors.length === 0 ? undefined : targetOf(errors)
  if (target === undefined) return { version: ts.version, errors: 0, ideas: 0, candidates: [] }
  const dirty = [...new Set(errors.flatMap((error) => error.file?.fileName ?? []))]
  const known = new Map<string, number>()
  for (const error of errors) known.set(keyOf(error), (known.get(keyOf(error)) ?? 0) + 1)
  const ideas = ideasFor(session, [target, ...errors.filter((error) => error !== target)].slice(0, 12))
  const found: (Idea & { readonly left: number; readonly fresh: number })[] = []
  for (const [index, idea] of ideas.entries()) {
    if ((index >= ideasAlways && isLate()) || isSettled(idea)) break
    const verdict = judge(idea)
    if (verdict !== undefined) found.push({ ...idea, ...verdict })
  }
  for (const idea of found
    .filter(({ left }) => left > 0)
    .sort((a, b) => weight(b) - weight(a))
    .slice(0, 2)) {
    const whole = throughout(idea)
    const verdict = whole === undefined || isLate() ? undefined : judge(whole)
    if (whole !== undefined && verdict !== undefined && verdict.left < idea.left) found.push({ ...whole, ...verdict })
  }
  const ranked = found.sort((a, b) => weight(b) - weight(a)).slice(0, request.candidatesMax)
  const candidates = ranked.flatMap((idea) => {
    const edits = idea.changes.map(({ file, start, end, text }) => ({
      path: file.slice(root.length + 1),
      length: session.text(file).length,
      start,
      end,
      text,
    }))
    return [{ kind: idea.kind, title: idea.title, prior: plausibility(idea), before: errors.length, left: idea.left, edits }]
  })
  return { version: ts.version, errors: errors.length, ideas: ideas.length, candidates }

  /** Something heals it all, and what is left to try is far less likely: each further idea costs a compilation. */
  function isSettled({ prior }: Idea): boolean {
    const best = Math.max(0, ...found.filter(({ left }) => left === 0).map((idea) => idea.prior))
    const healing = found.filter(({ left }) => left === 0).length
    return odds(prior) < odds(best) * (healing > 4 ? 0.4 : 0.1)
  }

  /** The same change wherever it was thought of: a member that was renamed is used in many places. */
  function throughout({ kind, title, prior }: Idea): Idea | undefined {
    const same = ideas.filter((idea) => idea.kind === kind && idea.title === title)
    // The compiler itself makes some of its fixes throughout.
    if (same.length < 2 || found.some((idea) => idea.kind === kind && idea.left === 0)) return undefined
    const byPlace = new Map(same.flatMap(({ changes }) => changes).map((change) => [JSON.stringify(change), change]))
    return { kind, title: `${title}, and so throughout`, changes: [...byPlace.values()], prior }
  }

  /** The error that the fault tells of: by place and code, else the first in its file, else the first. */
  function targetOf(all: readonly Diagnostic[]): Diagnostic | undefined {
    const score = (error: Diagnostic): number => {
      if (error.file === undefined || error.start === undefined) return -1
      const { line, character } = error.file.getLineAndCharacterOfPosition(error.start)
      const isHere = error.file.fileName === `${root}/${request.file}`
      return (
        (isHere ? 8 : 0) +
        (isHere && line + 1 === request.line ? 4 : 0) +
        (error.code === request.code ? 2 : 0) +
        (isHere && character + 1 === request.column ? 1 : 0)
      )
    }
    return [...all].filter((error) => score(error) >= 0).sort((a, b) => score(b) - score(a))[0]
  }

  /** The best first, each once. */
  function ideasFor(at: Session, targets: readonly Diagnostic[]): readonly Idea[] {
    const checker = at.program().getTypeChecker()
    const tools = parts.createTools(ts, checker)
    const files = at.files()
    const all = new Map<string, Idea>()
    const hasOthers = targets.some(({ code }) => code < 6100 || code > 6300)
    for (const [index, error] of targets.entries()) {
      const { file, start } = error
      if (file === undefined || start === undefined || (index > 0 && isLate())) continue
      const scene: Scene = {
        ts,
        checker,
        file,
        code: error.code,
        message: ts.flattenDiagnosticMessageText(error.messageText, '\n'),
        node: tools.spanning(file, start, start + (error.length ?? 0)),
        error,
        files,
        tools,
      }
      const own = [() => parts.compilerFixes(scene, at.service), ...parts.rules.map((rule) => () => rule(scene))].flatMap(guarded)
      const canImport = own.some((idea) => idea.kind === 'import' && idea.prior > 0.6)
      for (const idea of own) {
        const key = JSON.stringify([...idea.changes].sort((a, b) => a.start - b.start))
        // A name that can be imported as it is written is not misspelt; what is unused may only be what a mistake left behind.
        const isDoubtful =
          (canImport && /^(?:spelling|misspelt)$/.test(idea.kind)) || (idea.kind === 'unusedIdentifier' && hasOthers)
        // An error further down is less likely the root.
        const prior = idea.prior * (isDoubtful ? 0.5 : 1) - Math.min(0.1, index * 0.01)
        if ((all.get(key)?.prior ?? 0) < prior) all.set(key, { ...idea, prior })
      }
    }
    const perKind = new Map<string, number>()
    const isRare = ({ kind }: Idea): boolean => {
      perKind.set(kind, (perKind.get(kind) ?? 0) + 1)
      return (perKind.get(kind) ?? 0) <= ideasOfKindMax
    }
    return [...all.values()]
      .filter(isMine)
      .sort((a, b) => b.prior - a.prior)
      .filter(isRare)
      .slice(0, request.ideasMax)
  }

  /** A rule that stumbles over broken code must not take the others with it. */
  function guarded(rule: () => Iterable<Idea>): readonly Idea[] {
    const got: Idea[] = []
    try {
      for (const idea of rule()) {
        got.push(idea)
        if (got.length >= 60) break
      }
    } catch (error) {
      if (!(error instanceof Error)) throw error
    }
    return got
  }

  function isMine({ changes }: Idea): boolean {
    return (
      changes.length > 0 &&
      changes.every(
        ({ file }) =>
          file.startsWith(`${root}/`) &&
          !file.includes('/node_modules/') &&
          !/\.d\.[cm]?ts$/.test(file) &&
          !parts.isTest(file.slice(root.length + 1)),
      )
    )
  }

  /** Errors that are left, and how many of them are new; `undefined` when it does not help, or only hides the error. */
  function judge({ changes }: Idea): { readonly left: number; readonly fresh: number } | undefined {
    const paths = [...new Set(changes.map((change) => change.file))]
    const hushed = paths.reduce((sum, path) => sum + hushes(path), 0)
    try {
      if (!session.change(changes)) return undefined
      const near = session.errors([...dirty, ...paths])
      if (near.length >= errors.length || (target !== undefined && near.some((error) => isSame(error, target, changes))))
        return undefined
      if (paths.reduce((sum, path) => sum + hushes(path), 0) > hushed) return undefined
      const left = session.errors()
      if (left.length >= errors.length) return undefined
      const counts = new Map<string, number>()
      for (const error of left) counts.set(keyOf(error), (counts.get(keyOf(error)) ?? 0) + 1)
      const fresh = [...counts].reduce((sum, [key, count]) => sum + Math.max(0, count - (known.get(key) ?? 0)), 0)
      return { left: left.length, fresh }
    } catch (error) {
      if (!(error instanceof Error)) throw error
      return undefined // The compiler itself may fail on odd text.
    } finally {
      session.reset()
    }
  }

  function isSame(error: Diagnostic, other: Diagnostic, changes: Idea['changes']): boolean {
    if (keyOf(error) !== keyOf(other) || error.start === undefined || other.start === undefined) return false
    let moved = 0
    for (const change of changes)
      if (change.file === other.file?.fileName && change.end <= other.start)
        moved += change.text.length - (change.end - change.start)
    return error.start === other.start + moved
  }

  /** Places where a file tells the compiler to look away: casts, `!`, `any`, comments. None may be added. */
  function hushes(path: string): number {
    const file: SourceFile | undefined = session.program().getSourceFile(path)
    if (file === undefined) return 0
    let count = file.text.match(/@ts-(?:ignore|expect-error|nocheck)/g)?.length ?? 0
    const { AsExpression, TypeAssertionExpression, NonNullExpression, AnyKeyword } = ts.SyntaxKind
    const visit = (node: Node): undefined => {
      const { kind } = node
      if (kind === NonNullExpression || kind === AnyKeyword || kind === TypeAssertionExpression) count += 1
      if (kind === AsExpression && !/\bas\s+const$/.test(node.getText())) count += 1
      ts.forEachChild(node, visit)
    }
    visit(file)
    return count
  }

  function keyOf(error: Diagnostic): string {
    return `${error.file?.fileName ?? ''}:${error.code}:${ts.flattenDiagnosticMessageText(error.messageText, '\n')}`
  }

  function weight(idea: { readonly prior: number; readonly left: number; readonly fresh: number }): number {
    const healed = (errors.length - idea.left) / errors.length
    return odds(idea.prior) * (healed === 1 ? 1 : 0.3 * healed ** 2) * 0.4 ** idea.fresh
  }
  function odds(prior: number): number {
    const share = Math.min(0.99, Math.max(0.01, prior))
    return share / (1 - share)
  }
  /** The share of one idea among all that heal, with "none of them" counted as one more: others that do as well make each less sure. */
  function plausibility(idea: (typeof found)[number]): number {
    const sum = found.reduce((total, other) => total + weight(other), 1)
    return Math.round((1000 * weight(idea)) / sum) / 1000
  }
}
