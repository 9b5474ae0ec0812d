import type { World } from '../../core/world.js'
import { builtInThreatList } from './built-in-threat-list.js'
import type { NamedPackage, Threat, ThreatIntelligence } from './threat-intelligence.js'
import { loadThreatList, type ThreatList } from './threat-list.js'
import type { SigningKeys } from '../signing/signing-keys.js'

export interface OfflineThreatsOptions {
  readonly world: Pick<World, 'clock'>
  /** Default: the list that ships with homeostat. */
  readonly list?: ThreatList
  /** A list that is older, in days, calls itself stale. 1..3 650, default 180. */
  readonly staleAfterDays?: number
  /** Then refreshed lists must be signed by one of them. */
  readonly keys?: Pick<SigningKeys, 'find'>
}

/** Threat intelligence from a list in memory. It never asks anybody. */
export interface OfflineThreats extends ThreatIntelligence {
  /** The list that is used now. */
  readonly list: Pick<ThreatList, 'name' | 'version' | 'date'>
  /**
   * Takes a newer list from a text that `sealThreatList` wrote; lookups that have begun keep theirs. Whoever has a network
   * fetches the text.
   *
   * @returns `false` when the list is not newer, and nothing changed.
   * @throws HS_THREAT_LIST_INVALID, and nothing changed.
   */
  refresh(text: string): boolean
}

/**
 * The default threat intelligence: known malicious versions, hosts and packages with install scripts, from a list.
 *
 * @throws RangeError when `staleAfterDays` is out of range.
 */
export function createOfflineThreats(options: OfflineThreatsOptions): OfflineThreats {
  const { world, staleAfterDays = 180, keys } = options
  if (!Number.isFinite(staleAfterDays) || staleAfterDays < 1 || staleAfterDays > 3_650)
    throw new RangeError(`Cannot use staleAfterDays ${staleAfterDays}: allowed are 1..3650`)
  let index = indexOf(options.list ?? builtInThreatList)
  return {
    get list() {
      const { name, version, date } = index.list
      return { name, version, date }
    },
    lookup({ packages, urls }, signal) {
      if (signal.aborted) return Promise.reject(signal.reason as Error) // The caller is owed exactly its reason.
      const { list } = index
      const threats = [
        ...packages.flatMap((named) => threatsOfPackage(named, index)),
        ...urls.flatMap((url) => threatsOfUrl(url, index)),
      ].slice(0, threatsMax)
      const ageMs = world.clock.epochMs() - Date.parse(`${list.date}T00:00:00Z`)
      return Promise.resolve({
        threats,
        source: `${list.name} ${list.version}`,
        date: list.date,
        stale: !(ageMs <= staleAfterDays * dayMs),
      })
    },
    refresh(text) {
      const list = loadThreatList(text, keys === undefined ? {} : { keys })
      if (list.version <= index.list.version) return false
      index = indexOf(list)
      return true
    },
  }
}

const dayMs = 86_400_000
const threatsMax = 1_000

interface Index {
  readonly list: ThreatList
  readonly packages: ReadonlyMap<string, readonly ThreatList['packages'][number][]>
  readonly hosts: ReadonlyMap<string, ThreatList['hosts'][number]>
  readonly scripts: ReadonlySet<string>
}

const known = new WeakMap<ThreatList, Index>()

/** Every observer has the same built-in list. */
function indexOf(list: ThreatList): Index {
  const index = known.get(list) ?? {
    list,
    packages: Map.groupBy(list.packages, (entry) => entry.name.toLowerCase()),
    hosts: new Map(list.hosts.map((entry) => [entry.host, entry])),
    scripts: new Set(list.installScripts),
  }
  known.set(list, index)
  return index
}

function threatsOfPackage({ name, version }: NamedPackage, { packages, scripts }: Index): readonly Threat[] {
  const threats: Threat[] = []
  const exact = version === undefined ? undefined : exactVersion(version)
  for (const { versions, reason } of packages.get(name.toLowerCase()) ?? []) {
    if (versions === undefined) threats.push({ kind: 'malicious-package', subject: name, reason, verdict: 'block' })
    else if (exact !== undefined && versions.includes(exact))
      threats.push({ kind: 'malicious-package', subject: name, version: exact, reason, verdict: 'block' })
    // A range is resolved by the registry, which no longer offers what is known to be bad.
  }
  if (scripts.has(name))
    threats.push({ kind: 'install-script', subject: name, reason: 'It runs a program when it is installed', verdict: 'allow' })
  return threats
}

/** The version that a text names and no other; `undefined` for a range. */
function exactVersion(text: string): string | undefined {
  return /^(?:npm:(?:@[^@\s]{1,214}|[^@\s]{1,214})@)?[v=\s]{0,4}(\d+\.\d+\.\d+(?:[-+][\w.+-]{1,100})?)$/.exec(text.trim())?.[1]
}

function threatsOfUrl(url: string, { hosts }: Index): readonly Threat[] {
  let host = hostOf(url)
  for (let labels = 0; host !== '' && labels < 20; labels += 1) {
    const entry = hosts.get(host)
    if (entry !== undefined)
      return [
        {
          kind: 'malicious-url',
          subject: url,
          reason: entry.reason,
          verdict: entry.kind === 'malicious' ? 'block' : 'review',
        },
      ]
    host = host.includes('.') ? host.slice(host.indexOf('.') + 1) : ''
  }
  return []
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname.toLowerCase().replace(/\.$/, '') : ''
}
