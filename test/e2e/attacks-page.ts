import { attacks, columns, type Attack, type Column } from './attacks.js'

/** Whether a machine gives a kind of sandbox, and why not otherwise. */
export type Trials = ReadonlyMap<Column, { readonly holds: boolean; readonly detail: string }>

/** The text of `docs/security-model.md`. What was tried is what the machine that makes the page could try. */
export function securityPage(trials: Trials): string {
  return [introduction, attackTable(), legend, triedText(trials), limitations].join('\n\n')
}

/** The page without what depends on the machine that made it. */
export function withoutMachine(page: string): string {
  return page.replace(/^(?:Tried|Not tried) .*\n/gm, '')
}

const titles: Readonly<Record<Column, string>> = {
  none: 'no sandbox',
  process: '`process`',
  bubblewrap: '`namespace` (bubblewrap)',
  unshare: '`namespace` (unshare)',
}

const introduction = `# Security model of the sandbox

<!-- The table is made by test/e2e/attacks-page.ts from attacks that are really run. To renew it: UPDATE_DOCS=1 npm test -->

A patch is run before anybody trusts it: the failing command and the project's checks run in a copy of the project. What such a
command can reach depends on the tier of the sandbox. \`homeostat doctor\` says which tiers a machine gives; every validation says in
which one it was made (\`validation.sandbox\`).

| tier | what it is | where |
|---|---|---|
| \`process\` | a child process on a copy: limits on time, output, heap and, by \`prlimit\` on Linux, on the size of files and the number of processes; a scrubbed environment, a private home and temporary folder, no inherited descriptors; what it started is ended with it, but for a process that gives up its parent, session, environment and pipes | everywhere |
| \`namespace\` | the same behind walls of the operating system: a read-only view of the programs and libraries of the system and of the installed packages, a private \`/tmp\`, no network beyond itself, no other process to be seen; only the copy can be written | Linux, with bubblewrap, or \`unshare\` and user namespaces |

The policy says the least tier that will do, and that tier is the one that is used: \`sandbox.tierMin\`, \`process\` by default, because
commands behind walls cannot reach what many test suites need, such as a database on the same machine. The same policy means
the same on every machine: where the walls cannot be raised, nothing is run in weaker ones and nothing is applied
(HS_SANDBOX_TIER). Whether they hold is tried once for each process of homeostat, by a command that does its best to get out.

An install that the policy allowed (\`repair.installs\`) reaches the network and writes the caches of the package manager, in every
tier; install scripts are off. The commands after it do neither behind walls.

## What each tier stops

Each attack is a script that is run in each tier by \`test/e2e/attacks.test.ts\`, and judged from outside.`

function attackTable(): string {
  const head = `| attack | what it does | ${columns.map((column) => titles[column]).join(' | ')} |`
  const rows = attacks.map(
    (attack) => `| ${attack.name} | ${attack.tries} | ${columns.map((_, at) => cell(attack, at)).join(' | ')} |`,
  )
  return [head, `|---|---|${columns.map(() => '---|').join('')}`, ...rows].join('\n')
}

function cell({ comesTo, asRoot = comesTo }: Attack, at: number): string {
  const [usual, root] = [comesTo[at] ?? '', asRoot[at] ?? '']
  return usual === root ? usual : `${usual}; as root ${root}`
}

const legend = `**reached**: something outside the copy was read, changed or talked to. **inside**: it ran, and ended with the command; nobody outside
was touched. **stopped**: it was refused. **ended**: a limit killed it. Attacks run under small limits (64 MiB of heap, 4 MiB for a
file, seconds), so that they are over soon.`

function triedText(trials: Trials): string {
  const user = process.getuid?.() === 0 ? 'root' : 'an ordinary user'
  const [held, missing] = [true, false].map((holds) => columns.filter((column) => trials.get(column)?.holds === holds))
  const lines = [
    `Tried when this page was made, as ${user}: ${(held ?? []).map((column) => titles[column]).join(', ')}.`,
    ...(missing ?? []).map(
      (column) =>
        `Not tried then: ${titles[column]} (${trials.get(column)?.detail ?? ''}); its column is what is expected of it.`,
    ),
    `Not tried then: the endings for ${user === 'root' ? 'ordinary users' : 'root'}, where the table has two; they are what is expected.`,
  ]
  return lines.join('\n')
}

const limitations = `## What no tier contains

- **\`process\` contains no command that means harm.** It reads and writes whatever the user may, by absolute path or through the
  links to installed packages, and uses the network. Its walls keep accidents in, not attacks.
- **Memory beside the heap** is not limited: a limit on address space (\`RLIMIT_AS\`) breaks WebAssembly and large reservations of
  V8. The machine's memory, its processors and the sum of all files on its disk are shared with the command.
- **Root is not bound by a limit on processes.** Run homeostat as an ordinary user. Under \`process\` the limit is on the user's
  processes and threads at the start of the command, plus \`sandbox.processesMax\`.
- **Behind walls, too, the kernel is shared.** There is no filter of system calls, and a command may make further user namespaces. An
  error of the kernel is a way out; where code is hostile, run homeostat in a virtual machine.
- **An install is as free as the user on the network**, and writes the caches that later installs trust; package managers check what
  they take from there by the hashes of the lockfile.
- **What is readable is not secret.** Behind walls a command reads programs, libraries, certificates, all installed packages of
  the project, and the folders of PATH, also those in a home. It reads no other file of a home, nor anything else of \`/etc\` than what
  programs need. It cannot send away what it reads, but an approved patch could carry it.
- **The judge is outside, the evidence inside.** A command says by its exit code whether it passed; a patch that makes the command lie
  is for the audit to find (rules TEST-*, HARDCODED-RESULT), not for the sandbox.
- **Watching is not walling.** The observer of behaviour (\`security.dynamic\`) lives in the Node processes that it watches; native code,
  other programs and code that looks for it get round it. What it sees makes a verdict stricter; what it does not see makes none milder.
- A command behind walls that is stopped at its time limit gets no time to tidy up; its copy is removed anyway.
- macOS and Windows have the tier \`process\` only, without limits on files and processes.
`
