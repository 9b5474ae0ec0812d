import type { CodeFix, LanguageService } from './compiler.js'
import type { Idea, Scene } from './scene.js'

/**
 * What the compiler itself would change. Left out: fixes that invent values or bodies, install packages, or change options.
 * Travels into the sandbox as text: uses nothing but its arguments.
 */
export function compilerFixes({ ts, file, code, error, tools, node }: Scene, service: LanguageService): readonly Idea[] {
  const start = error.start ?? 0
  const priors: Readonly<Record<string, number>> = {
    import: 0.9,
    spelling: 0.95,
    fixMissingMember: 0.3,
    fixAwaitInSyncFunction: 0.92,
    addMissingAwait: 0.8,
    fixConvertConstToLet: 0.95,
    unusedIdentifier: 0.75,
    forgottenThisPropertyAccess: 0.95,
    addMissingNewOperator: 0.92,
    fixOverrideModifier: 0.96,
    convertToTypeOnlyImport: 0.95,
    convertToTypeOnlyExport: 0.95,
    fixReturnTypeInAsyncFunction: 0.9,
    returnValueCorrect: 0.88,
    inferFromUsage: 0.5,
    strictClassInitialization: 0.3,
    removeUnnecessaryAwait: 0.7,
    addOptionalPropertyUndefined: 0.6,
    fixAddVoidToPromise: 0.6,
    fixImportNonExportedMember: 0.9,
    fixNoPropertyAccessFromIndexSignature: 0.95,
    extendsInterfaceBecomesImplements: 0.95,
    constructorForDerivedNeedSuperCall: 0.6,
    classSuperMustPrecedeThisAccess: 0.8,
    fixPropertyAssignment: 0.9,
    fixUnreachableCode: 0.3,
    fixMissingTypeAnnotationOnExports: 0.8,
    addMissingConst: 0.6,
    requireInTs: 0.4,
    fixMissingCallParentheses: 0.92,
    useDefaultImport: 0.7,
    fixUnusedLabel: 0.6,
    addConvertToUnknownForNonOverlappingTypes: 0,
    fixMissingProperties: 0,
    fixMissingFunctionDeclaration: 0,
    fixClassIncorrectlyImplementsInterface: 0,
    fixClassDoesntImplementInheritedAbstractMember: 0,
    disableJsDiagnostics: 0,
    fixEnableExperimentalDecorators: 0,
    fixModuleAndTargetOptions: 0,
    enableJsxFlag: 0,
    fixCannotFindModule: 0,
    addMissingDeclareProperty: 0.8,
  }
  const { text } = file
  const isTabbed = /\n\t/.test(text)
  const format = {
    ...ts.getDefaultFormatCodeSettings?.(/\r\n/.test(text) ? '\r\n' : '\n'),
    convertTabsToSpaces: !isTabbed,
    indentSize: isTabbed ? 4 : (/\n( {2,8})\S/.exec(text)?.[1]?.length ?? 2),
    semicolons: count(/;[\t ]*\n/g) * 3 < count(/\n/g) ? 'remove' : 'ignore',
    insertSpaceAfterOpeningAndBeforeClosingNonemptyBraces: count(/\{ \w/g) >= count(/\{\w/g),
  }
  const preferences = {
    quotePreference: count(/'/g) >= count(/"/g) ? 'single' : 'double',
    importModuleSpecifierPreference: 'shortest',
    includeCompletionsForModuleExports: true,
    includeCompletionsWithInsertText: true,
  }
  const found = tolerated(() =>
    service.getCodeFixesAtPosition(file.fileName, start, start + (error.length ?? 0), [code], format, preferences),
  ).slice(0, 16)
  return [...found.flatMap((fix, index) => ideaOf(fix, priorOf(fix) - Math.min(0.2, index * 0.02))), ...everywhere()]

  /** Some fixes can be made for a whole file at once, as when a line of imports is gone. */
  function everywhere(): readonly Idea[] {
    const fix = found.find((one) => one.fixId !== undefined && priorOf(one) >= 0.85)
    if (fix === undefined || error.file === undefined) return []
    const all = tolerated(() => [
      service.getCombinedCodeFix({ type: 'file', fileName: file.fileName }, fix.fixId, format, preferences),
    ])
    return all.flatMap((combined) =>
      ideaOf({ ...fix, ...combined, description: `${fix.description}, and so throughout` }, priorOf(fix)),
    )
  }

  function ideaOf(fix: CodeFix, prior: number): readonly Idea[] {
    if (prior <= 0 || (fix.commands ?? []).length > 0 || fix.changes.some((change) => change.isNewFile === true)) return []
    const changes = fix.changes.flatMap(({ fileName, textChanges }) =>
      textChanges.map(({ span, newText }) => ({
        file: fileName,
        start: span.start,
        end: span.start + span.length,
        text: newText,
      })),
    )
    return [{ kind: fix.fixName, title: fix.description, changes, prior }]
  }

  /** Some fixes of some versions fail on broken code; the rules still have their turn. */
  function tolerated<T>(ask: () => readonly T[]): readonly T[] {
    try {
      return ask()
    } catch {
      return []
    }
  }
  function count(pattern: RegExp): number {
    return text.match(pattern)?.length ?? 0
  }

  function priorOf({ fixName, description }: CodeFix): number {
    if (/'!'|definite|\bany\b|@ts-|Prefix|underscore/i.test(description)) return 0
    // An index that gathers everything is rarely what its own parts import from.
    if (fixName === 'import' && /"(?:\.{1,2}\/?)+(?:index(?:\.\w+)?)?"/.test(description)) return 0.5
    if (fixName === 'addMissingAwaitToInitializer') return 0.95
    if (fixName === 'unusedIdentifier') {
      if (tools.above(node, ts.isImportDeclaration) !== undefined) return 0.95
      // What a call did besides giving the value would be lost.
      const value = tools.above(node, ts.isVariableDeclaration)?.initializer
      return value === undefined || /^[\w'"`.-]+$/.test(value.getText()) ? 0.8 : /\(/.test(value.getText()) ? 0.4 : 0.5
    }
    return priors[fixName] ?? 0.4
  }
}
