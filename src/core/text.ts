/**
 * Text that is safe to show on a terminal and to keep: escape sequences are removed, other control and invisible
 * characters become `�`, and it ends after `lengthMax` characters with `…`. Tabs and line feeds stay.
 */
export function printable(text: string, lengthMax = 500): string {
  // Cut first: cleaning must not cost time on a megabyte of which half a kilobyte is kept.
  const head = text.length > lengthMax * 4 ? text.slice(0, lengthMax * 4) : text
  const clean = plain.test(head) ? head : head.replace(escapeSequences, '').replace(/\r\n?/g, '\n').replace(unprintable, '�')
  return clean.length > lengthMax || head.length < text.length ? `${clean.slice(0, Math.max(0, lengthMax - 1))}…` : clean
}

/** {@link printable}, on one line. */
export function oneLine(text: string, lengthMax = 500): string {
  const clean = printable(text, lengthMax)
  return (clean.includes('\n') ? clean.replace(/\s*\n\s*/g, ' ') : clean).trim()
}

/** Removes terminal escape sequences (CSI, OSC, two-character) and nothing else. */
export function withoutEscapes(text: string): string {
  return text.includes('\u001b') || text.includes('\u009b') ? text.replace(escapeSequences, '') : text
}

/** Most texts need no cleaning, and to see that is cheaper than to clean them. */
const plain = /^[\t\n -~]*$/

/** ECMA-48 control sequences; an OSC that is never closed ends at the line's end. */
const escapeSequences = /\u001b\][^\u0007\u001b\n]{0,4096}(?:\u0007|\u001b\\)?|[\u001b\u009b]\[?[0-9;:<=>?]{0,64}[ -/]{0,8}[@-~]/g

/** C0 without tab and line feed, DEL, C1, bidirectional and zero-width controls, line separators, tags, lone surrogates. */
const unprintable =
  // eslint-disable-next-line no-misleading-character-class
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]|[\u{e0000}-\u{e0fff}]|\p{Cs}/gu
