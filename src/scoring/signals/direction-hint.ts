/** Words in the name of a signal that nearly always say which way it points, whatever the domain. */
const wordsFor =
  /agree|accura|compil|confiden|correct|coverage|log_?prob|majority|pars(?:e|ed|es|ing)|pass|plausib|same|succe|valid|verif/i
const wordsAgainst =
  /bad|contradict|disagree|distinct|empty|entropy|err(?:or|s|$|_)|fail|hedg|invalid|miss|perplex|refus|retr(?:y|ies)|timeout|truncat|uncertain|unsure|violat|wrong/i

/**
 * What the name of an unknown signal suggests: 1 when more of it speaks for an answer, -1 against, 0 when the name says nothing.
 * It only sets where learning starts; a few dozen labels overrule it.
 */
export function directionHint(name: string): -1 | 0 | 1 {
  if (wordsAgainst.test(name)) return -1
  return wordsFor.test(name) ? 1 : 0
}
