// How long a large output takes to classify.
import { classify } from '../dist/faults/index.js'

/** Best of five for each kind of output: what the code needs, without what the machine adds. */
export function slowestClassify() {
  const times = Object.entries(outputs()).map(([kind, output]) => {
    const runs = Array.from({ length: 5 }, () => {
      const startedMs = performance.now()
      classify({ output, exitCode: 1, command: 'npm test' })
      return performance.now() - startedMs
    })
    return { kind, ms: Math.min(...runs) }
  })
  return times.reduce((a, b) => (a.ms > b.ms ? a : b))
}

function outputs() {
  const size = 65_536
  const fill = (line) => line.repeat(Math.ceil(size / line.length)).slice(0, size)
  return {
    'a test run': fill(
      "not ok 7 - adds up\n  ---\n  error: 'Expected values to be strictly equal: 1 !== 2'\n  code: 'ERR_ASSERTION'\n  at TestContext.<anonymous> (/app/test/a.test.js:5:10)\n",
    ),
    'tests of Jest': each(
      size,
      (at) =>
        `  ● cart ${at} › totals\n\n    expect(received).toBe(expected) // Object.is equality\n\n    Expected: ${at}\n    Received: ${at + 1}\n\n    > ${at} |   expect(x).toBe(${at})\n\n      at Object.toBe (test/cart${at % 9}.test.js:${at}:13)\n\n`,
    ),
    'thrown errors': each(size, (at) => `Error: cannot load order ${at} from the list\n    at load (/app/src/o.js:${at}:4)\n`),
    'words of an unknown tool': each(size, (at) => `zorp: the cart ${at} could not be found in the pool, a package is missing\n`),
    'compiler errors': fill("src/a.ts(12,7): error TS2322: Type 'string' is not assignable to type 'number'.\n"),
    'one long line': fill('x'),
  }
}

/** Texts of one kind that differ, up to a size. */
function each(size, textOf) {
  let text = ''
  for (let at = 1; text.length < size; at += 1) text += textOf(at)
  return text.slice(0, size)
}
