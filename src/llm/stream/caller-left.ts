import { HomeostatError } from '../../core/errors.js'

/** The caller left his stream: what is held for it is given back with this, and nobody is blamed. */
export const callerLeft = new HomeostatError('HS_ABORTED', { what: 'the stream' })
