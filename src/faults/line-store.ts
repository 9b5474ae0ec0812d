/** Longer outputs keep their head, their tail, and of the middle what may tell of a failure. */
const textLengthMax = 1_000_000
const linesMax = 20_000
export const lineLengthMax = 2_000

const headBudget = { chars: textLengthMax / 4, lines: linesMax / 4 }
const tailBudget = { chars: textLengthMax / 2, lines: linesMax / 2 }
const middleBudget = { chars: textLengthMax / 4, lines: linesMax / 4 }

const interesting =
  /error|fail|cannot|can't|could not|not found|denied|fatal|panic|exception|refused|missing|unexpected|invalid|killed|no space|✖|✕|✘|×|●|not ok/i

/** Keeps so much of a stream of lines as tells what went wrong, at most a million characters. */
export interface LineStore {
  add(line: string): void
  /** What is kept, in the order of the stream. */
  lines(): string[]
  /** Characters kept. */
  readonly heldChars: number
}

/** Of several empty lines in a row one is kept. */
export function createLineStore(): LineStore {
  const head: string[] = []
  const middle = new Set<string>()
  // A queue: `tailStart` moves on instead of shifting, and what lies before it is cut off from time to time.
  let tail: string[] = []
  let tailStart = 0
  const chars = { head: 0, middle: 0, tail: 0 }
  let headFull = false
  let middleFull = false
  let last: string | undefined

  const leaveTail = (): void => {
    const line = tail[tailStart] ?? ''
    tailStart += 1
    chars.tail -= costOf(line)
    if (tailStart > tailBudget.lines) {
      tail = tail.slice(tailStart)
      tailStart = 0
    }
    // What is said again and again is kept once: it must not use up the place of what is said once.
    if (middleFull || middle.has(line) || !interesting.test(line)) return
    middle.add(line)
    chars.middle += costOf(line)
    middleFull = chars.middle >= middleBudget.chars || middle.size >= middleBudget.lines
  }

  return {
    add(given) {
      const line = shortenedLine(given)
      if (line === '' && last === '') return
      last = line
      const cost = costOf(line)
      headFull ||= chars.head + cost > headBudget.chars || head.length >= headBudget.lines
      if (!headFull) {
        head.push(line)
        chars.head += cost
        return
      }
      tail.push(line)
      chars.tail += cost
      while (chars.tail > tailBudget.chars || tail.length - tailStart > tailBudget.lines) leaveTail()
    },
    lines: () => [...head, ...middle, ...tail.slice(tailStart)],
    get heldChars() {
      return chars.head + chars.middle + chars.tail
    },
  }
}

/** Compilers print the whole of a minified line before they say what is wrong with it: both ends matter. */
function shortenedLine(line: string): string {
  if (line.length <= lineLengthMax) return line
  return `${line.slice(0, headLength)} ${line.slice(-tailLength)}`
}

const headLength = lineLengthMax * 0.75
const tailLength = lineLengthMax - headLength - 1

/** A line and its end. */
function costOf(line: string): number {
  return line.length + 1
}
