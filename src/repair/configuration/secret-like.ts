/** Whether a value only holds the place of a real one: `changeme`, `<your-key>`, `xxx`, nothing at all; or looks like a secret. */
export function isPlaceholder(value: string): boolean {
  const text = value.trim()
  return (
    text === '' ||
    /^<.*>$|^\[.*\]$|^\{\{.*\}\}$|^(?:\.{3}|…|-+|\?+|x{3,}|\*{3,}|#{3,})$|change[-_ ]?me|replace[-_ ]?(?:me|with|this)|your[-_ ]|[-_ ]here$|placeholder|insert[-_ ]|fill[-_ ]?in|todo|tbd|fixme|dummy|secret|redacted|xxxx/i.test(
      text,
    ) ||
    isCredential(text)
  )
}

/** An address with a password in it, or a long irregular text. */
function isCredential(text: string): boolean {
  return (
    /^[a-z][\w+.-]*:\/\/[^\s/:@]*:[^\s/@]+@/i.test(text) ||
    (/^[\w+/=-]{20,}$/.test(text) && /\d/.test(text) && /[a-z]/i.test(text) && !text.includes('/'))
  )
}
