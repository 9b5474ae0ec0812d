import type { Location } from '../core/fault.js'
import { nextTitle } from './compared.js'
import { lineAt, type Output } from './output.js'
import { placeOf, withoutScheme } from './rule.js'
import { frameOf, isForeign } from './stack.js'

/** Where a test fails. */
export interface TestPlaces {
  /** In the test. */
  readonly test: Location | undefined
  /** The innermost place of the project that is not in the test. */
  readonly source: Location | undefined
}

const framesMax = 40

/**
 * Reads the stack of a failing test.
 *
 * @param testFile - The file of the test, where its runner names it.
 */
export function testPlaces(
  output: Output,
  from: number,
  { end, testFile }: { end: number; testFile?: string | undefined },
): TestPlaces {
  const frames = framesIn(output, from, end)
  const named = testFile === undefined ? undefined : frames.find(({ file }) => sameFile(file, testFile))
  const test = named ?? frames.find(({ file }) => isTestName.test(file)) ?? frames.find(({ file }) => isTestFolder(file))
  const source = frames.find((frame) => frame.file !== test?.file && !isTestName.test(frame.file) && !isTestFolder(frame.file))
  // Nothing looks like a test: the outermost place of the project is the nearest to one.
  return test === undefined && testFile === undefined
    ? { test: frames.at(-1), source: frames.length > 1 && frames[0]?.file !== frames.at(-1)?.file ? frames[0] : undefined }
    : { test, source }
}

/** Places of the project in the first stack of some lines, innermost first. */
function framesIn(output: Output, from: number, end: number): readonly Location[] {
  const frames: Location[] = []
  let inYaml = false
  for (let at = from; at < end && frames.length < framesMax; at += 1) {
    const line = lineAt(output, at)
    const isFrame = /^(?:at:? |❯ |› )/u.test(line) || (inYaml && line !== '...')
    if (!isFrame) {
      if (/^stack: [|>]-?$/.test(line)) inYaml = true
      // Vitest shows the source between two frames, Jest before the first.
      else if (frames.length > 0 && line !== '' && !line.startsWith('|') && output.kinds[at] !== 'quoted') break
      continue
    }
    const place = frameOf(line.replace(/['"]$/, ''))
    if (place !== undefined && !isForeign(place)) frames.push(place)
    if (line.endsWith('{')) break
  }
  return frames
}

/** Whether two paths name one file, though one may be absolute and the other not. */
export function sameFile(a: string, b: string): boolean {
  const [one, other] = [a, b].map((path) => withoutScheme(path).replaceAll('\\', '/').replace(/^\.\//, ''))
  if (one === undefined || other === undefined) return false
  return one === other || one.endsWith(`/${other}`) || other.endsWith(`/${one}`)
}

const isTestName = /[._-](?:test|tests|spec|e2e)\.[cm]?[jt]sx?$|(?:^|[\\/])(?:test|tests|spec)\.[cm]?[jt]sx?$/

/** A folder of tests above the project, as in `/home/me/test/shop/src/cart.js`, makes no test of its files. */
function isTestFolder(file: string): boolean {
  return /(?:^|[\\/])(?:__tests__|tests?|specs?|e2e)[\\/](?!.*(?:^|[\\/])(?:src|lib|dist|build)[\\/])/.test(file)
}

const placeOnly =
  /^(?:❯ |at |test at |→ |› |location: '?)?(?<file>(?:file:\/\/)?(?:\/|[A-Za-z]:[\\/])?[\w@.][^\s:()']{0,300}\.[A-Za-z]{1,6}):(?<line>\d{1,7})(?::(?<column>\d{1,7}))?/u

/** The place that a runner shows beside the title or below it. */
export function placeNear(output: Output, index: number): Location | undefined {
  const inTitle = /(?<file>[\w@./-]{1,300}\.[cm]?[jt]sx?):(?<line>\d{1,7}):(?<column>\d{1,7})/.exec(lineAt(output, index))
  if (inTitle !== null) return placeOf(inTitle)
  for (const at of [index - 1, ...Array.from({ length: 30 }, (_, step) => index + 1 + step)]) {
    const line = lineAt(output, at)
    if (at > index && nextTitle.test(line)) break
    const match = placeOnly.exec(line)
    if (match !== null) return placeOf(match)
  }
  return undefined
}
