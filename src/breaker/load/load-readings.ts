/** How busy this process and its machine are. A reading that is left out is not known, and says nothing. */
export interface LoadReadings {
  /** How late the event loop is, milliseconds; a high percentile since the last reading. */
  readonly eventLoopDelayMs?: number | undefined
  /** Runnable threads for each core of the machine: the load average divided by the cores. */
  readonly loadPerCore?: number | undefined
  /** The share of the memory it may use that is used, 0..1. */
  readonly memoryRatio?: number | undefined
}

/** Whoever can say how busy this process is: a port; `nodeLoadReadings` of `homeostat/node` fulfils it. */
export interface LoadSource {
  /** The load since the last time it was read. */
  read(): LoadReadings
}
