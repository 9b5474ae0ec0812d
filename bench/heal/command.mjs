import { spawn } from 'node:child_process'

const outputLengthMax = 4_000_000

/** Runs a command to its end, with everything it started; an abort or the timeout ends them all. */
export function runCommand(command, { cwd, timeoutMs, signal }) {
  signal.throwIfAborted()
  const startedMs = performance.now()
  return new Promise((resolve, reject) => {
    // A group of its own, because a test runner's workers outlive the runner that is killed.
    const child = spawn(command[0], command.slice(1), { cwd, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
    let stdout = ''
    let stderr = ''
    let timedOut = false
    child.stdout.setEncoding('utf8').on('data', (text) => (stdout = (stdout + text).slice(-outputLengthMax)))
    child.stderr.setEncoding('utf8').on('data', (text) => (stderr = (stderr + text).slice(-outputLengthMax)))
    const end = () => endGroup(child)
    const timer = setTimeout(() => {
      timedOut = true
      end()
    }, timeoutMs)
    signal.addEventListener('abort', end, { once: true })
    const settle = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
    }
    child.once('error', (error) => {
      settle()
      reject(error)
    })
    child.once('close', (exitCode) => {
      settle()
      if (signal.aborted) reject(signal.reason)
      else resolve({ exitCode, passes: exitCode === 0, stdout, stderr, timedOut, durationMs: performance.now() - startedMs })
    })
  })
}

/** Asks first, so that a healer can put back what it was changing; insists after three seconds. */
function endGroup({ pid }) {
  const send = (name) => {
    try {
      process.kill(-pid, name)
    } catch (error) {
      if (error.code !== 'ESRCH') throw error
    }
  }
  send('SIGTERM')
  setTimeout(() => send('SIGKILL'), 3000).unref()
}

/** The words of a command line. Quotes hold words together, nothing else is special. */
export function wordsOf(line) {
  return [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, double, single, bare]) => double ?? single ?? bare)
}
