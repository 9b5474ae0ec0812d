/** Raw output in, classified faults out. */
export type { Fault, FaultCategory, FaultSeverity, Location } from '../core/fault.js'
export { faultCategories, faultSeverities } from '../core/fault.js'
export { classify } from './classify.js'
export { fingerprintOf } from './fingerprint.js'
