import { describe, expect, it } from 'vitest'
import { nodeCommandRunner } from '../../src/adapters/command-runner.js'
import { createWorld } from '../../src/core/world.js'
import { script } from '../contract/command-runner.js'
import { temporaryFolder } from './temporary.js'

// In a file, and so in a process, of its own: memory that other tests have used and freed would hide what this one uses.
describe('nodeCommandRunner()', () => {
  it('reads endless output in bounded memory', async () => {
    const megabytes = process.env['HOMEOSTAT_TEST_FULL'] === undefined ? 100 : 200
    const write = `const chunk = Buffer.alloc(65_536, 'abcdefg\\n'); let left = ${megabytes * 16}; const more = () => { while (left-- > 0) if (!process.stdout.write(chunk)) return process.stdout.once('drain', more) }; more()`
    const before = process.memoryUsage.rss()
    let peak = before
    // Not from `onOutput`: the text made for it would set off the garbage collector, which is what must not be needed.
    const look = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 2)
    const result = await nodeCommandRunner(createWorld())
      .run(script(write), { timeoutMs: 20_000, outputBytesMax: 65_536, cwd: temporaryFolder() })
      .finally(() => clearInterval(look))
    expect(result).toMatchObject({ ending: 'exited', exitCode: 0, outputBytes: megabytes * 1_048_576, truncated: true })
    expect(result.output.length).toBeLessThan(66_000)
    expect((peak - before) / 1_048_576).toBeLessThan(30)
  })
})
