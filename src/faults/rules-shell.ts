import type { Draft, Rule, Sighting } from './rule.js'

/** Programs that are not there, and how shells, `npx` and spawning programs say so. */
export const shellRules: readonly Rule[] = [
  {
    hints: [': not found', 'ommand not found', 'nknown command:', 'make: ', 'make['],
    // sh: 1: jest: not found · bash: line 1: jqq: command not found · zsh: command not found: jqq · fish: Unknown command: jqq
    pattern:
      /^(?<message>(?:npm (?:error|ERR!) )?(?:\S{1,200}: )?(?:(?:line )?\d{1,7}: )?(?:command not found: (?<program>\S{1,300})|[Uu]nknown command: '?(?<program2>[^\s']{1,300})'?|(?<program3>[^\s:"]{1,300}): (?:[Cc]ommand )?not found|make(?:\[\d{1,3}\])?: (?<program4>[^\s:"]{1,300}): No such file or directory))$/,
    category: 'dependency',
    code: 'COMMAND_NOT_FOUND',
    refine: named,
  },
  {
    hints: [' executable not found'],
    // What a native package asks for: Error: pg_config executable not found.
    pattern: /^(?:Error: )?(?<program>[\w.+-]{1,100}) executable not found\b/,
    category: 'dependency',
    code: 'COMMAND_NOT_FOUND',
    refine: named,
  },
  {
    hints: ['is not recognized as'],
    pattern: /'(?<program>[^']{1,300})' is not recognized as (?:an internal or external command|the name of)/,
    category: 'dependency',
    code: 'COMMAND_NOT_FOUND',
    refine: named,
  },
  {
    hints: ['ENOENT'],
    pattern: /(?:spawn|spawnSync|exec|execvp) (?<program>\S{1,300}) ENOENT|Command failed with ENOENT: (?<program2>\S{1,300})/,
    category: 'dependency',
    code: 'COMMAND_NOT_FOUND',
    refine: (draft, sighting) => ({
      ...named(draft, sighting),
      details: { program: sighting.groups['program'] ?? sighting.groups['program2'], syscall: 'spawn' },
    }),
  },
  {
    hints: ['not found'],
    pattern:
      /(?:Command|error Command|Executable|exec:|executable file) ["'](?<program>[^"']{1,300})["']:? (?:not found|executable file not found)/,
    category: 'dependency',
    code: 'COMMAND_NOT_FOUND',
    refine: named,
  },
  {
    hints: ['No such file or directory'],
    // env: 'node18': No such file or directory · bash: ./build.sh: No such file or directory
    pattern: /^(?<message>(?:\/usr\/bin\/)?env: ['‘`]?(?<program>[^'’:`]{1,300})['’`]?: No such file or directory)/u,
    category: 'dependency',
    code: 'COMMAND_NOT_FOUND',
    refine: named,
  },
  {
    hints: ['No such file or directory', 'bad interpreter', 'cannot open'],
    pattern:
      /^(?<message>(?:(?:\/\w{1,20}\/)?(?:sh|bash|zsh|dash|cat|cp|mv|ls|rm|cd|head|tail|sed|grep|source|make|tar|find|node)|-bash|\S{1,100}: line \d{1,7}): (?:\d{1,7}: )?(?:cannot (?:open|stat|access) )?['‘"]?(?<path>[^'’":\s]{1,400})['’"]?: (?:No such file or directory|.{0,80}bad interpreter.{0,80}|cannot open.{0,40}))/u,
    category: 'runtime',
    code: 'ENOENT',
    refine: (draft) => ({ ...draft, details: { path: draft.details['path'] } }),
  },
  {
    hints: ["can't open file", 'cannot open file', "Can't open"],
    pattern: /(?:can't|cannot|Can't) open (?:file |perl script )?['"](?<path>[^'"]{1,400})['"]/,
    category: 'runtime',
    code: 'ENOENT',
  },
  {
    hints: ['syntax error near', 'unexpected end of file', 'Syntax error: ', 'unexpected EOF while', 'parse error near'],
    pattern:
      /^(?<file>[^\s:]{1,400}): (?:(?:line |\w{1,10}: line )?(?<line>\d{1,7}): )?(?<message>(?:syntax error near unexpected token .{1,100}|syntax error: unexpected end of file.{0,40}|unexpected EOF while looking for matching .{1,20}|Syntax error: .{1,200}|parse error near .{1,100}))$/,
    category: 'syntax',
    code: 'SYNTAX_ERROR',
    tool: 'sh',
  },
]

function named(draft: Draft, { groups, line }: Sighting): Draft {
  const program = groups['program'] ?? groups['program2'] ?? groups['program3'] ?? groups['program4'] ?? ''
  // Node was started; what it did not find is a file that it was told to read.
  if (/^node: \S{1,300}: not found$/.test(line))
    return { ...draft, category: 'configuration', code: 'ENOENT', message: line, details: { path: program } }
  return { ...draft, message: line, details: { program: program.replace(/^["'`]|["'`]$/g, '') } }
}
