import { Circuit, type CircuitLimits, type CircuitView, type Permit } from '../../breaker/circuit.js'
import { HomeostatError } from '../../core/errors.js'
import type { World } from '../../core/world.js'
import { KeyCache } from '../../orchestrator/guard/key-cache.js'

/** What {@link QualityCircuits} are made with. */
export interface QualityOptions {
  /** Numbers that differ from the usual ones. */
  readonly limits?: Partial<CircuitLimits> | undefined
  /** Hears each new state of a circuit, synchronously. Must not throw. */
  readonly changed?: ((key: string, view: CircuitView) => void) | undefined
}

/**
 * Half of the answers of a model do not fit, asked again or not: then it cannot do the schema, and does not learn it within
 * minutes. How long an answer takes says nothing about that, so no trend is watched.
 */
const usual: CircuitLimits = {
  failureRatioMax: 0.5,
  callsMin: 4,
  windowMs: 600_000,
  buckets: 10,
  openMs: 300_000,
  openMsMax: 3_600_000,
  probesMax: 1,
  // A probe is a question with its re-asks.
  probeTimeoutMs: 1_800_000,
}

const circuitsMax = 1_000

/** For each model and schema a circuit that knows whether the model can do it, whatever the health of its provider. */
export class QualityCircuits {
  readonly #world: World
  readonly #limits: CircuitLimits
  readonly #changed: ((key: string, view: CircuitView) => void) | undefined
  readonly #circuits = new KeyCache<Circuit>({ max: circuitsMax, inUse: (circuit) => circuit.state !== 'closed' })

  /** @throws RangeError or TypeError when a number is out of range. */
  constructor(world: World, { limits, changed }: QualityOptions = {}) {
    this.#world = world
    this.#limits = new Circuit({ ...usual, ...limits }, world, { trend: false, changed: () => undefined }).limits
    this.#changed = changed
  }

  /**
   * Leave to ask a model for a value of a schema.
   *
   * @throws HS_CIRCUIT_OPEN when too few of its answers have fitted.
   */
  enter(model: string, schemaName: string): Permit {
    const key = `quality:${model}/${schemaName}`
    const leave = this.#circuits.obtain(key, () => this.#make(key)).acquire(false)
    if (leave.admitted) return leave
    const { reason, retryAfterMs, cause } = leave
    throw new HomeostatError('HS_CIRCUIT_OPEN', { key, reason, retryAfterMs }, { cause })
  }

  #make(key: string): Circuit {
    const circuit: Circuit = new Circuit(this.#limits, this.#world, {
      trend: false,
      changed: () => this.#changed?.(key, circuit.view()),
    })
    return circuit
  }
}
