import { runCommand } from './command.mjs'
import { commandOf, kinds } from './kinds.mjs'
import { randomOf, spread } from './random.mjs'
import { restore } from './workplace.mjs'

/**
 * Cases of one kind, each as a broken copy that is the caller's to remove. What breaks nothing that the visible tests
 * see is no case; after too many of those the kind ends early.
 */
export async function* casesOf(kind, project, { seed, count, test, workplace, signal, timeoutMs }) {
  const command = commandOf(kind, project, test)
  const candidates = spread(
    kinds[kind].damages(project).filter(kinds[kind].fits),
    ({ name }) => name,
    randomOf(`${seed}/${kind}`),
  )
  let made = 0
  let copy
  try {
    for (const damage of candidates.slice(0, count * 8)) {
      if (made === count) return
      copy ??= workplace.copy(project)
      damage.inflict(copy)
      const broken = await runCommand(command, { cwd: copy, timeoutMs: timeoutMs / 4, signal })
      if (!broken.passes && !broken.timedOut && kinds[kind].shows(broken.stdout + broken.stderr)) {
        made += 1
        const given = copy
        copy = undefined
        yield { kind, damage, command, copy: given }
      } else for (const path of damage.paths) restore(project, copy, path)
    }
  } finally {
    if (copy !== undefined) workplace.remove(copy)
  }
}
