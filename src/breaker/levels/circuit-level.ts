import { whole } from '../../core/checked-number.js'
import { checkedLimits, type CircuitLimits } from '../circuit-limits.js'
import { trendSettings, type TrendOptions } from '../trend/trend-options.js'
import { checkedKey } from './circuit-key.js'

/** One level of a {@link CircuitTree}: what its circuits have in common. */
export interface CircuitLevel {
  /** `provider`, `deployment`, `credential`; each once. */
  readonly name: string
  readonly limits: CircuitLimits
  /**
   * How the trend detectors of its circuits judge; `false`: there are none, and the window alone decides. Default: on, with an
   * `openAt` of 0.5 above the last level: a parent must be far worse off than a child. Above the last level calls that hang are
   * no evidence while they are under way, for they have no witness: one hanging child with most of the traffic would open its
   * parent.
   */
  readonly trend?: false | TrendOptions
}

const levelsMax = 16

/**
 * The levels with defaults, checked now rather than when the first key comes.
 *
 * @throws RangeError when a number or a name is out of range; TypeError when a value has the wrong type.
 */
export function checkedLevels(levels: readonly CircuitLevel[]): readonly Required<CircuitLevel>[] {
  whole('levels.length', levels.length, 1, levelsMax)
  const checked = levels.map(({ name, limits, trend }, level): Required<CircuitLevel> => {
    const byDefault = level === levels.length - 1 ? undefined : { openAt: 0.5 }
    const settings = trend !== false && trendSettings(trend ?? byDefault)
    return { name: checkedKey('level', name), limits: checkedLimits(limits), trend: settings }
  })
  if (new Set(checked.map(({ name }) => name)).size < levels.length)
    throw new RangeError('Cannot make a circuit tree: two levels have the same name')
  return checked
}
