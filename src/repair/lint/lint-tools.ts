/** A linter or formatter that can put right what it complains of. */
export interface LintTool {
  /** As faults name it. */
  readonly id: string
  /** The npm package, and the program in it. */
  readonly package: string
  readonly program: string
  /** What makes it write its safe fixes into files; the names of the files follow. */
  readonly fix: readonly string[]
  /** How it is called in commands and scripts. */
  readonly called: RegExp
}

/** In the order in which they run: what changes code comes before what lays it out. */
export const lintTools: readonly LintTool[] = [
  // Without the type `directive`: that one takes comments away which switch rules off or on.
  tool('eslint', ['--fix', '--fix-type', 'problem,suggestion,layout', '--no-warn-ignored']),
  tool('oxlint', ['--fix']),
  tool('standard', ['--fix']),
  tool('semistandard', ['--fix']),
  tool('xo', ['--fix']),
  tool('stylelint', ['--fix']),
  { ...tool('biome', ['check', '--write', '--no-errors-on-unmatched']), package: '@biomejs/biome' },
  tool('prettier', ['--write', '--ignore-unknown', '--log-level', 'error']),
  tool('oxfmt', []),
  tool('dprint', ['fmt']),
]

/** The tools that some text calls: a command line, or a script of the manifest. */
export function toolsCalled(text: string): readonly LintTool[] {
  return lintTools.filter(({ called }) => called.test(text.slice(0, 10_000)))
}

function tool(name: string, fix: readonly string[]): LintTool {
  return {
    id: name,
    package: name,
    program: name,
    fix,
    called: new RegExp(`(?:^|[\\s"'/&|;(=])${name}(?:@[\\w.^~-]{1,30})?(?=$|[\\s"'&|;)])`),
  }
}
