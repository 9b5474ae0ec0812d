import { cpus, loadavg } from 'node:os'
import { median } from '../compare.mjs'

const parts = 4

/** What the lives of the side that learns and of the other one come to: a table for each quarter, and how they ended. */
export function learningReport(sides) {
  const attempts = ({ attempts: count }) => count
  const seconds = ({ ms }) => ms / 1_000
  // Where the first try is right anyway, learning can only save time.
  const hard = new Set(sides[1].lives.filter((life) => life.attempts > 1).map(({ damage }) => damage))
  const attemptsAtHard = (part) => median(part.filter(({ damage }) => hard.has(damage)).map(attempts)) ?? '–'
  const rows = sides.flatMap(({ name, lives }) => [
    [`${name}: attempts, mean`, ...eachQuarter(lives, attempts, mean).map((value) => value.toFixed(2))],
    [`${name}: attempts, median`, ...eachQuarter(lives, attempts, median)],
    [`${name}: attempts, median, where the first try without learning is wrong`, ...quarters(lives).map(attemptsAtHard)],
    [`${name}: seconds, median`, ...eachQuarter(lives, seconds, median).map((value) => value.toFixed(1))],
  ])
  const { length } = sides[0].lives
  const ranges = quarters(sides[0].lives.map((_, index) => index + 1)).map((part) => `${part[0]} to ${part.at(-1)}`)
  const table = [['incidents', ...ranges], ['---', ...ranges.map(() => '---:')], ...rows]
  const [learning, without] = sides.map(({ lives }) => ({
    healed: lives.filter(({ outcome }) => outcome === 'healed').length,
    exact: lives.filter(({ isExact }) => isExact).length,
    repeated: lives.filter(({ isRepeated }) => isRepeated).length,
  }))
  return [
    ...table.map((cells) => `| ${cells.join(' | ')} |`),
    '',
    `Of ${length} incidents ${learning.healed} were healed with learning and ${without.healed} without; the file was then what it had been before the damage in`,
    `${learning.exact} and ${without.exact}, and in the others passes the check in another way. What had worked before healed ${learning.repeated} of them again.`,
    `(Node ${process.version}, ${cpus().length} cores, load ${loadavg()[0].toFixed(1)}.)`,
  ].join('\n')
}

/** Whether the last quarter takes fewer attempts and less time than the first one, and than without learning, and no less is healed. */
export function learningHelps(sides) {
  const [learning, without] = sides.map(({ lives }) => lives.filter(({ outcome }) => outcome === 'healed').length)
  const falls = (of, average) => {
    const [[first, , , last], [, , , other]] = sides.map(({ lives }) => eachQuarter(lives, of, average))
    return last < first && last < other
  }
  return learning >= without && falls(({ attempts }) => attempts, mean) && falls(({ ms }) => ms, median)
}

function eachQuarter(lives, of, average) {
  return quarters(lives).map((part) => average(part.map(of)))
}

function quarters(lives) {
  const bound = (part) => Math.floor((part * lives.length) / parts)
  return Array.from({ length: parts }, (_, part) => lives.slice(bound(part), bound(part + 1)))
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
