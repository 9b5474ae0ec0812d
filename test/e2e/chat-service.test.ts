import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')

it('the chat service of the examples answers its visitors while its provider falls ill, and ends by itself', async () => {
  const example = join(root, 'examples/chat-service/main.mjs')
  const { stdout } = await promisify(execFile)(process.execPath, [example, '--seconds', '3'], { cwd: root, timeout: 15_000 })
  expect(stdout).toMatch(/circuit\.opened/)
  const [, came, answered] = /visitors\s+(\d+) came, (\d+) answered/.exec(stdout) ?? []
  expect(Number(came)).toBeGreaterThan(20)
  expect(Number(answered)).toBeGreaterThan(Number(came) * 0.8)
  // Plain text when nobody looks at a terminal.
  expect(stdout).not.toContain('\u001B')
})
