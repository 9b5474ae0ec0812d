/** What a rule says after a call: nothing, "something changed", or "open the circuit". */
export const steady = 0
export const degrading = 1
export const tripped = 2
