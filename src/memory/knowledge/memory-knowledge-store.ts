import { whole } from '../../core/checked-number.js'
import { HomeostatError } from '../../core/errors.js'
import { experiencesMaxUsual, type KnowledgeStore } from './knowledge-store.js'
import { keyText, merged, type LoggedExperience, type Pattern } from './pattern.js'

/**
 * A store that lasts as long as the process.
 *
 * @param options - `experiencesMax`: lines of the log that are kept, 0..1 000 000.
 */
export function memoryKnowledgeStore({
  experiencesMax = experiencesMaxUsual,
}: { readonly experiencesMax?: number } = {}): KnowledgeStore {
  whole('experiencesMax', experiencesMax, 0, 1_000_000)
  const patterns = new Map<string, Pattern>()
  /** Keys of the patterns of a class, so that a class is found without looking at the others. */
  const classes = new Map<string, Set<string>>()
  let log: LoggedExperience[] = []
  let closed = false

  /** A promise rejects; it does not throw. */
  const open = <T>(work: () => T): Promise<T> =>
    closed ? Promise.reject(new HomeostatError('HS_CLOSED', { what: 'the knowledge store' })) : Promise.resolve(work())
  const put = (pattern: Pattern): void => {
    const key = keyText(pattern)
    const old = patterns.get(key)
    patterns.set(key, old === undefined ? pattern : merged(old, pattern))
    const keys = classes.get(pattern.classId) ?? new Set()
    classes.set(pattern.classId, keys.add(key))
  }
  const remove = (pattern: Pattern): void => {
    const key = keyText(pattern)
    patterns.delete(key)
    const keys = classes.get(pattern.classId)
    keys?.delete(key)
    if (keys?.size === 0) classes.delete(pattern.classId)
  }

  return {
    add: (pattern, experience) =>
      open(() => {
        const detailIsNew = pattern.detail !== undefined && patterns.get(keyText(pattern))?.detail === undefined
        put(pattern)
        if (experience !== undefined) log.push(experience)
        if (log.length > experiencesMax) log.splice(0, log.length - experiencesMax)
        return { detailIsNew }
      }),
    ofClass: (classId, limit) =>
      open(() =>
        [...(classes.get(classId) ?? [])]
          .flatMap((key) => patterns.get(key) ?? [])
          .sort((a, b) => b.worked - a.worked || newestFirst(a, b))
          .slice(0, limit),
      ),
    ofKind: ({ category, code }, limit) =>
      open(() =>
        [...patterns.values()]
          .filter((pattern) => pattern.detail !== undefined && pattern.category === category && pattern.code === code)
          .sort(newestFirst)
          .slice(0, limit),
      ),
    page: (after, limit) =>
      open(() => {
        const from = after === undefined ? '' : keyText(after)
        return [...patterns.keys()]
          .filter((key) => key > from)
          .sort(byText)
          .slice(0, limit)
          .flatMap((key) => patterns.get(key) ?? [])
      }),
    replace: (replacements) =>
      open(() => {
        let made = 0
        for (const { from, to } of replacements) {
          const now = patterns.get(keyText(from))
          if (now === undefined || now.worked !== from.worked || now.failed !== from.failed) continue
          remove(from)
          put(to)
          made += 1
        }
        return made
      }),
    recent: (limit) => open(() => (limit > 0 ? log.slice(-limit) : [])),
    forget: (beforeEpochMs) =>
      open(() => {
        const before = log.length
        log = log.filter(({ epochMs }) => epochMs >= beforeEpochMs)
        return before - log.length
      }),
    totals: () =>
      open(() => {
        const all = [...patterns.values()]
        const detailed = all.filter(({ detail }) => detail !== undefined).length
        return {
          patterns: detailed,
          traces: all.length - detailed,
          worked: all.reduce((sum, { worked }) => sum + worked, 0),
          failed: all.reduce((sum, { failed }) => sum + failed, 0),
          experiences: log.length,
          sizeBytes: 0,
        }
      }),
    close: () => {
      closed = true
      patterns.clear()
      classes.clear()
      log = []
      return Promise.resolve()
    },
  }
}

function newestFirst(a: Pattern, b: Pattern): number {
  return b.lastEpochMs - a.lastEpochMs || byText(keyText(a), keyText(b))
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
