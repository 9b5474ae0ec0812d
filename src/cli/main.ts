#!/usr/bin/env node
/** The first line that an old Node can still run: what is loaded after it needs a newer one. */
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

if (major < 22 || (major === 22 && minor < 13)) {
  process.stderr.write(`Cannot run homeostat on Node ${process.versions.node}: it needs 22.13 or newer, 24, or 26\n`)
  process.exitCode = 2
} else {
  const [{ nodeTerminal }, { run }] = await Promise.all([import('./node-terminal.js'), import('./run.js')])
  process.exitCode = await run(process.argv.slice(2), nodeTerminal())
}
