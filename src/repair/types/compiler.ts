/**
 * As much of the JavaScript API of TypeScript 5 and 6 as the rules use: https://github.com/microsoft/TypeScript/wiki/Using-the-Compiler-API.
 * TypeScript 7, with which this project is built, ships no such API and no declarations of it.
 */
export interface Node {
  readonly kind: number
  readonly parent: Node
  readonly end: number
  getStart(): number
  getFullStart(): number
  getText(): string
}

export interface Identifier extends Node {
  readonly text: string
}

export interface Expression extends Node {
  readonly expression: Node
}

export interface PropertyAccess extends Expression {
  readonly name: Identifier
  readonly questionDotToken?: Node
}

export interface ElementAccess extends Expression {
  readonly argumentExpression: Node
  readonly questionDotToken?: Node
}

export interface Call extends Expression {
  readonly arguments?: readonly Node[]
  readonly typeArguments?: readonly Node[]
}

export interface Binary extends Node {
  readonly left: Node
  readonly operatorToken: Node
  readonly right: Node
}

/** A variable, parameter, property or signature. */
export interface Declaration extends Node {
  readonly name: Node
  readonly type?: Node
  readonly initializer?: Node
  readonly questionToken?: Node
  readonly dotDotDotToken?: Node
  readonly modifiers?: readonly Node[]
}

export interface FunctionLike extends Declaration {
  readonly parameters: readonly Declaration[]
  readonly body?: Node
}

/** An interface or a class, or what stands in braces as a type. */
export interface Members extends Node {
  readonly name?: Node
  readonly members: readonly Declaration[]
  readonly heritageClauses?: readonly Node[]
}

export interface ObjectLiteral extends Node {
  readonly properties: readonly Declaration[]
}

export interface Block extends Node {
  readonly statements: readonly Node[]
}

export interface Return extends Node {
  readonly expression: Node | undefined
}

export interface TypeReference extends Node {
  readonly typeName: Node
  readonly typeArguments?: readonly Node[]
}

export interface SourceFile extends Block {
  readonly fileName: string
  readonly text: string
  readonly isDeclarationFile: boolean
  getLineAndCharacterOfPosition(position: number): { readonly line: number; readonly character: number }
  getPositionOfLineAndCharacter(line: number, character: number): number
}

export interface TypeSymbol {
  readonly name: string
  readonly flags: number
  readonly declarations?: readonly Node[]
  readonly valueDeclaration?: Node
}

export interface Type {
  readonly flags: number
  readonly symbol?: TypeSymbol
  readonly types?: readonly Type[]
  readonly value?: unknown
  getCallSignatures(): readonly Signature[]
  getConstructSignatures(): readonly Signature[]
  getProperties(): readonly TypeSymbol[]
  getApparentProperties(): readonly TypeSymbol[]
}

export interface Signature {
  readonly parameters: readonly TypeSymbol[]
  readonly declaration?: Node
  getReturnType(): Type
}

export interface Checker {
  getTypeAtLocation(node: Node): Type
  getTypeFromTypeNode(node: Node): Type
  getContextualType(node: Node): Type | undefined
  getSymbolAtLocation(node: Node): TypeSymbol | undefined
  getAliasedSymbol(symbol: TypeSymbol): TypeSymbol
  getExportsOfModule(module: TypeSymbol): readonly TypeSymbol[]
  getSymbolsInScope(node: Node, flags: number): readonly TypeSymbol[]
  getTypeOfSymbolAtLocation(symbol: TypeSymbol, node: Node): Type
  getResolvedSignature(call: Node, candidates?: Signature[], argumentCount?: number): Signature | undefined
  getSignatureFromDeclaration(declaration: Node): Signature | undefined
  getAwaitedType(type: Type): Type | undefined
  getNonNullableType(type: Type): Type
  getBaseTypeOfLiteralType(type: Type): Type
  /** Public since 5.4, there before. */
  isTypeAssignableTo(source: Type, target: Type): boolean
  typeToString(type: Type, node?: Node, flags?: number): string
}

export interface Diagnostic {
  readonly code: number
  readonly category: number
  readonly file?: SourceFile
  readonly start?: number
  readonly length?: number
  readonly messageText: unknown
}

export interface CodeFix {
  readonly fixName: string
  readonly description: string
  readonly changes: readonly {
    readonly fileName: string
    readonly isNewFile?: boolean
    readonly textChanges: readonly {
      readonly span: { readonly start: number; readonly length: number }
      readonly newText: string
    }[]
  }[]
  readonly commands?: readonly unknown[]
  readonly fixId?: unknown
}

export interface Program {
  getTypeChecker(): Checker
  getSourceFile(path: string): SourceFile | undefined
  getSourceFiles(): readonly SourceFile[]
  getSyntacticDiagnostics(file: SourceFile): readonly Diagnostic[]
  getSemanticDiagnostics(file: SourceFile): readonly Diagnostic[]
  isSourceFileFromExternalLibrary(file: SourceFile): boolean
}

export interface LanguageService {
  getProgram(): Program | undefined
  getCodeFixesAtPosition(
    path: string,
    start: number,
    end: number,
    codes: readonly number[],
    format: object,
    preferences: object,
  ): readonly CodeFix[]
  getCombinedCodeFix(
    scope: { readonly type: 'file'; readonly fileName: string },
    fixId: unknown,
    format: object,
    preferences: object,
  ): Pick<CodeFix, 'changes' | 'commands'>
}

export interface ParsedConfig {
  readonly fileNames: readonly string[]
  readonly options: Readonly<Record<string, unknown>>
  readonly projectReferences?: readonly { readonly path: string }[]
}

type Guard<N extends Node> = (node: Node) => node is N

export interface TypeScript {
  readonly version: string
  readonly sys: {
    fileExists(path: string): boolean
    readFile(path: string): string | undefined
    readDirectory(...given: readonly unknown[]): readonly string[]
    directoryExists(path: string): boolean
    getDirectories(path: string): readonly string[]
    readonly useCaseSensitiveFileNames: boolean
  }
  readonly SyntaxKind: Readonly<Record<string, number>>
  readonly SymbolFlags: Readonly<Record<string, number>>
  readonly TypeFlags: Readonly<Record<string, number>>
  readonly TypeFormatFlags: Readonly<Record<string, number>>
  readonly ScriptSnapshot: { fromString(text: string): unknown }
  createLanguageService(host: object): LanguageService
  getDefaultLibFilePath(options: object): string
  readConfigFile(path: string, read: (path: string) => string | undefined): { readonly config?: unknown }
  parseJsonConfigFileContent(config: unknown, host: object, folder: string, options: object, path: string): ParsedConfig
  resolveProjectReferencePath(reference: { readonly path: string }): string
  flattenDiagnosticMessageText(message: unknown, newLine: string): string
  getDefaultFormatCodeSettings?(newLine: string): object
  transpile(text: string, options: object, path: string): string
  forEachChild<T>(node: Node, visit: (child: Node) => T | undefined): T | undefined
  isArrowFunction: Guard<FunctionLike>
  isBinaryExpression: Guard<Binary>
  isBlock: Guard<Block>
  isCallExpression: Guard<Call>
  isClassDeclaration: Guard<Members>
  isElementAccessExpression: Guard<ElementAccess>
  isExpressionStatement: Guard<Expression>
  isFunctionLike: Guard<FunctionLike>
  isIdentifier: Guard<Identifier>
  isImportDeclaration: Guard<Node>
  isInterfaceDeclaration: Guard<Members>
  isNewExpression: Guard<Call>
  isObjectLiteralExpression: Guard<ObjectLiteral>
  isParameter: Guard<Declaration>
  isPropertyAccessExpression: Guard<PropertyAccess>
  isPropertyAssignment: Guard<Declaration>
  isPropertyDeclaration: Guard<Declaration>
  isPropertySignature: Guard<Declaration>
  isReturnStatement: Guard<Return>
  isShorthandPropertyAssignment: Guard<Declaration>
  isSourceFile: Guard<SourceFile>
  isStringLiteral: Guard<Identifier>
  isTypeLiteralNode: Guard<Members>
  isTypeNode: Guard<Node>
  isTypeReferenceNode: Guard<TypeReference>
  isVariableDeclaration: Guard<Declaration>
}
