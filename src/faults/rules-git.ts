import type { Draft, Rule, Sighting } from './rule.js'
import { asRead, surely } from './wording.js'

/** Git, as far as network and permission rules do not know better. */
export const gitRules: readonly Rule[] = [
  {
    hints: ['CONFLICT ('],
    pattern: /^(?<message>CONFLICT \((?<kind>[^)]{1,60})\): .{1,300})$/,
    category: 'build',
    code: 'MERGE_CONFLICT',
    tool: 'git',
    refine: (draft, { line }) => ({ ...draft, location: place(/Merge conflict in (.{1,300})$/.exec(line)?.[1]), details: {} }),
  },
  {
    hints: ['nothing to commit', 'no changes added to commit', 'Everything up-to-date', 'nothing added to commit'],
    pattern: /^(?<message>nothing to commit.{0,100}|no changes added to commit.{0,100}|nothing added to commit.{0,100})$/,
    category: 'runtime',
    code: 'NOTHING_TO_DO',
    severity: 'info',
    tool: 'git',
  },
  {
    hints: ['fatal: ', 'error: ', '! [rejected]', 'no tracking information'],
    pattern:
      /^(?<message>(?:There is no tracking information.{0,60}|fatal: (?:not a git repository|repository '.{1,300}' not found|.{0,200}does not appear to be a git repository|Not possible to fast-forward|.{0,200}refusing to merge unrelated histories|couldn't find remote ref .{1,200}|ambiguous argument .{1,200}|detected dubious ownership .{1,200}|bad (?:config|revision|object) .{1,200}|.{0,60}already exists.{0,100}|unable to auto-detect email address.{0,100}|.{0,60}is not a commit.{0,100}|Unable to create '.{1,300}\.lock'.{0,100}|No url found for submodule.{0,200}|pathspec .{1,200}|no upstream .{0,200}|The current branch .{1,200}|invalid .{1,200}|Needed a single revision|Exiting because of .{0,100}|remote .{1,200}|bad boolean config value.{0,200}|bad numeric config value.{0,200}|protocol error.{0,200}|the remote end hung up.{0,60}|You have not concluded your merge.{0,60}|.{1,300})|error: (?:Your local changes .{0,200}|pathspec .{1,200}|cannot .{1,200}|could not .{1,200}|you need to resolve .{1,100}|failed to push some refs .{0,200}|The following untracked .{1,100}|patch failed: .{1,200}|.{1,200}: patch does not apply|unable to .{1,200}|Committing is not possible.{0,100}|src refspec .{1,200}|remote .{1,200}|The branch .{1,200}|Pulling is not possible.{0,100}|Merging is not possible.{0,100})))$/,
    category: 'configuration',
    code: 'GIT',
    tool: 'git',
    refine: git,
  },
]

function place(file: string | undefined): Draft['location'] {
  return file === undefined ? undefined : { file }
}

const kinds: readonly (readonly [RegExp, Partial<Draft>])[] = [
  [
    /repository '.*' (?:not found|does not exist)|does not appear to be a git repository/i,
    { category: 'configuration', code: 'REPOSITORY_NOT_FOUND' },
  ],
  [/not a git repository/, { category: 'configuration', code: 'NOT_A_REPOSITORY' }],
  [/dubious ownership/, { category: 'permission', code: 'DUBIOUS_OWNERSHIP' }],
  [/\.lock'/, { category: 'runtime', code: 'LOCKED', severity: 'medium', transient: true }],
  [/bad config line/, { category: 'syntax', code: 'SYNTAX_ERROR' }],
  [/bad (?:config|boolean|numeric)|No url found/, { category: 'configuration', code: 'CONFIG_INVALID' }],
  [/auto-detect email|no upstream|current branch/, { category: 'configuration', code: 'CONFIG_INVALID', severity: 'medium' }],
  [/failed to push some refs/, { category: 'deployment', code: 'PUSH_REJECTED', rank: 'wrapper' }],
  [/src refspec/, { category: 'deployment', code: 'PUSH_REJECTED' }],
  [/hung up/, { category: 'network', code: 'ECONNRESET' }],
  [
    /is not possible|partial commit|unresolved conflict|concluded your merge/,
    { category: 'build', code: 'MERGE_CONFLICT', rank: 'wrapper' },
  ],
  [
    /patch (?:failed|does not apply)|could not apply|resolve|Your local changes|untracked|fast-forward|unrelated histories|unmerged/,
    { category: 'build', code: 'MERGE_CONFLICT' },
  ],
  [
    /pathspec|ambiguous argument|bad (?:revision|object)|couldn't find remote ref|not a commit|Needed a single|invalid|already exists|not fully merged|tracking information/,
    { category: 'configuration', code: 'REFERENCE_NOT_FOUND', severity: 'medium' },
  ],
]

function git(draft: Draft, { line, output }: Sighting): Draft | undefined {
  if (/^error: /.test(line) && !gitSpeaks(output.command, output.lines)) return undefined
  if (/Could not resolve host|onnect|timed out|unable to access/.test(line)) return undefined // the network's
  const known = kinds.find(([pattern]) => pattern.test(line))?.[1]
  if (known === undefined && !gitSpeaks(output.command, output.lines)) return undefined
  return {
    ...draft,
    ...(known ?? asRead(draft, surely(line))),
    details: { path: /'([^']{1,300})'/.exec(line)?.[1] },
  }
}

function gitSpeaks(command: string, lines: readonly string[]): boolean {
  return (
    /\bgit\b/.test(command) ||
    lines.some((line) =>
      /^(?:hint: |remote: |Auto-merging |To (?:https?|git|ssh))|\bgit (?:push|pull|merge|rebase|stash|checkout|config)\b/.test(
        line,
      ),
    )
  )
}
