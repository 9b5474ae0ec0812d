import type { Fault } from '../../core/fault.js'
import type { Repairer } from '../../core/repairer.js'
import type { Knowledge, StrategyRecord } from '../../memory/knowledge/knowledge.js'
import { learntId } from './learnt.js'

/** A strategy whose rate is above this in all likelihood is asked before those of which nothing is known. */
const provenMin = 0.3
/** One whose rate is below this in all likelihood is asked after all others. */
const refutedMax = 0.3
const attemptsMin = 3

/**
 * The repairers in the order in which they should be asked at this fault: what is learnt first, then those that have proven
 * themselves at its class, then the others as they came, last those that failed again and again. None is dropped: a failure is
 * evidence, not a verdict.
 */
export async function strategyOrder(
  fault: Fault,
  repairers: readonly Repairer[],
  knowledge: Pick<Knowledge, 'strategies'>,
): Promise<readonly Repairer[]> {
  const records = new Map((await knowledge.strategies(fault)).map((record) => [record.strategy, record]))
  const standing = ({ id }: Repairer): Standing => standingOf(id, records.get(id))
  return repairers
    .map((repairer, place) => ({ repairer, place, ...standing(repairer) }))
    .sort((a, b) => a.group - b.group || b.lowerBound - a.lowerBound || a.place - b.place)
    .map(({ repairer }) => repairer)
}

interface Standing {
  readonly group: number
  /** 0 where the order is that of the caller. */
  readonly lowerBound: number
}

function standingOf(id: string, record: StrategyRecord | undefined): Standing {
  if (id === learntId) return { group: 0, lowerBound: 0 }
  if (record !== undefined && record.lowerBound > provenMin) return { group: 1, lowerBound: record.lowerBound }
  const isRefuted = record !== undefined && record.worked + record.failed >= attemptsMin && record.upperBound < refutedMax
  return { group: isRefuted ? 3 : 2, lowerBound: 0 }
}
