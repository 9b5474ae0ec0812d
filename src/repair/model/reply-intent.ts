import { oneLine } from '../../core/text.js'

/** What a reply without a patch wants. */
export type Intent =
  | { readonly kind: 'refusal'; readonly text: string }
  | { readonly kind: 'request-more-info'; readonly text: string }

/** The first line, where it keeps to what the prompt asks for: `REFUSE: why` or `NEED: what`. It counts whatever follows. */
export function declaredIntent(text: string): Intent | undefined {
  const [, word, said = ''] = /^\s{0,100}[*`"]{0,3}(REFUSE|NEED)\b[*`"]{0,3}[:.]?(.*)/.exec(text) ?? []
  if (word === undefined) return undefined
  return { kind: word === 'NEED' ? 'request-more-info' : 'refusal', text: shown(said.replace(/^[*`"\s]{1,8}/, '')) }
}

/** What free talk without a patch comes down to; `undefined`: just talk. */
export function talkedIntent(text: string): Intent | undefined {
  const head = text.slice(0, 1_000).replaceAll('’', "'")
  if (asksForMore.test(head)) return { kind: 'request-more-info', text: shown(text) }
  if (refuses.test(head)) return { kind: 'refusal', text: shown(text) }
  return undefined
}

const asksForMore =
  /\b(?:(?:could|can|would) you (?:please )?|please )(?:share|provide|show|send|paste)\b|\bI(?:'d| would)? need (?:to see|more)\b/i
const refuses =
  /\bI(?:'m| am) sorry,? (?:but )?(?:I|this|that)\b|\bI (?:can't|cannot|can not|won't|will not|am not able to|am unable to)\b|\bI'm (?:not able|unable) to\b|\bas an AI\b|\bnot able to (?:help|assist)\b/i

function shown(text: string): string {
  return oneLine(text, 300)
}
