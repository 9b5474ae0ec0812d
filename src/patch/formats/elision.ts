import type { FileEdit } from '../../core/patch.js'

/** A line by which an edit stands for text that it leaves out, if it has one that was not in the file before. */
export function elision({ before, after }: FileEdit): string | undefined {
  if (after === null) return undefined
  const suspects = after.split('\n').filter((line) => line.length <= 300 && isElision(line))
  if (suspects.length === 0) return undefined
  const old = new Set(before?.split('\n').map((line) => line.trim()))
  return suspects.find((line) => !old.has(line.trim()))
}

const leftOut =
  /\b(?:existing|rest of|remaining|remainder|unchanged|same as|as before|omitted|snipp?e?d?|other (?:code|methods|functions|imports|tests))\b/i
const comment = /^(?:\/\/|#|\/\*|\*|<!--|--|;|\{\/\*|""")/

/** `...` alone, or a comment that speaks of the rest: `// ... existing code ...`, `# rest of the file unchanged`. */
function isElision(line: string): boolean {
  const text = line.trim()
  const said = text.replace(/^[^\w.…]+/, '').replace(/[^\w.…]+$/, '')
  if (/^(?:\.{3}|…)$/.test(said)) return said === text || comment.test(text)
  const trails = /^(?:\.{3}|…)|(?:\.{3}|…)$/.test(said)
  // Words side by side are no code: `...existing` and `[...remaining, x]` are.
  if (/^[[(<{]?\s?(?:\.{3}|…)(?:\s?[a-z]+ [a-z.…]| \([a-z ]{1,80}\)$)/i.test(text) && leftOut.test(said)) return true
  if (!comment.test(text) || !leftOut.test(said)) return false
  return trails || /\b(?:rest of|remaining|remainder)\b.{0,60}\b(?:unchanged|same|here|omitted|as before)\b/i.test(said)
}
