#!/usr/bin/env node
import { nodeTerminal } from './node-terminal.js'
import { run } from './run.js'

process.exitCode = await run(process.argv.slice(2), nodeTerminal())
