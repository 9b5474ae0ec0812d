/** The stages of healing that stand alone. */
export type { Diagnosis } from '../core/diagnosis.js'
export { diagnose } from './diagnose.js'
