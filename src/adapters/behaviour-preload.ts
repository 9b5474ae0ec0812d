/**
 * A program in CommonJS that Node runs before everything else (`--require`). It hooks the modules through which a program
 * reaches the world and writes, for each new thing, one line of JSON to the file that `HOMEOSTAT_TRACE` names. It must never
 * disturb what it watches: whatever fails in it is left out of the trace.
 *
 * It is a text because it runs in other processes, also of other versions of Node: no import, no syntax newer than Node 18.
 */
const program = String.raw`'use strict'
;((require) => {
  const file = process.env.HOMEOSTAT_TRACE
  const root = process.env.HOMEOSTAT_TRACE_ROOT
  if (!file || !root) return
  const fs = require('fs')
  const path = require('path')
  const url = require('url')
  const { open, write, fstat } = { open: fs.openSync, write: fs.writeSync, fstat: fs.fstatSync }
  const own = 'node:internal/homeostat'
  const linesMax = 2000
  const bytesMax = 2097152
  const stacksMax = 20000
  const fromsMax = 8
  let lines = 0
  let stacks = 0
  let busy = false
  let descriptor
  try {
    descriptor = open(file, 'a', 0o600)
  } catch {
    return
  }

  const say = (entry) => {
    try {
      write(descriptor, JSON.stringify(entry) + '\n')
    } catch {}
  }
  let ended = false
  const tell = (entry) => {
    if (ended) return
    lines += 1
    if (lines <= linesMax && fstat(descriptor).size < bytesMax) return say(entry)
    ended = true
    say({ kind: 'cut' })
  }

  /** Files on the stack, innermost first; node: for those of Node itself. */
  const filesOnStack = () => {
    const { prepareStackTrace, stackTraceLimit } = Error
    try {
      Error.stackTraceLimit = 40
      Error.prepareStackTrace = (_, sites) => sites
      const sites = new Error().stack
      return Array.isArray(sites) ? sites.map((site) => site.getFileName() || '').filter((name) => name !== '' && name !== own) : []
    } finally {
      Error.prepareStackTrace = prepareStackTrace
      Error.stackTraceLimit = stackTraceLimit
    }
  }
  const asPath = (name) => (name.startsWith('file:') ? url.fileURLToPath(name) : name)
  const originOf = (files) => {
    let fallback
    for (const name of files) {
      if (name.startsWith('node:') || name.startsWith('evalmachine') || name.startsWith('[')) continue
      const at = asPath(name).split('?')[0]
      const inModules = /.*[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)/.exec(at)
      if (inModules) fallback = fallback || 'node_modules/' + inModules[1].split(path.sep).join('/')
      else if (at.startsWith(root + path.sep)) return at.slice(root.length + 1).split(path.sep).join('/')
      else if (path.isAbsolute(at)) fallback = fallback || '(outside)'
    }
    return fallback
  }

  const known = new Map()
  const record = (kind, subject, ignoreNode) => {
    if (busy || ended || typeof subject !== 'string' || subject === '') return
    busy = true
    try {
      const id = kind + '\n' + subject
      const froms = known.get(id) || new Set()
      if (froms.size >= fromsMax || stacks >= stacksMax) return
      stacks += 1
      const files = filesOnStack()
      if (ignoreNode && (files[0] || '').startsWith('node:')) return
      const from = originOf(files)
      if (froms.has(from)) return
      known.set(id, froms.add(from))
      const entry = { kind, subject: subject.slice(0, 500) }
      if (from) entry.from = from.slice(0, 500)
      tell(entry)
    } catch {
    } finally {
      busy = false
    }
  }

  const wrap = (owner, name, before) => {
    const original = owner && owner[name]
    if (typeof original !== 'function') return
    try {
      // A proxy keeps everything that hangs on a function: its name, its length, its promisified form.
      owner[name] = new Proxy(original, {
        apply(target, self, args) {
          try {
            before(args)
          } catch {}
          return Reflect.apply(target, self, args)
        },
      })
    } catch {}
  }

  // Files
  const os = require('os')
  const real = (folder) => {
    try {
      return fs.realpathSync(folder)
    } catch {
      return folder
    }
  }
  const installed = path.dirname(path.dirname(process.execPath))
  const isIn = (at, folder) => at === folder || at.startsWith(folder.endsWith(path.sep) ? folder : folder + path.sep)
  const home = os.homedir()
  const isAtHome = (at) => home.length > 1 && isIn(at, home)
  // In a sandbox the home lies in a temporary folder: whoever looks for keys there would look for them at home.
  const ours = [root, real(root), path.dirname(file), os.tmpdir(), real(os.tmpdir())].filter((folder) => !isIn(home, folder))
  const shared = ['/tmp', '/dev/null', '/dev/tty', '/dev/fd']
  const isInside = (at) => ours.some((folder) => isIn(at, folder)) || (!isAtHome(at) && shared.some((folder) => isIn(at, folder)))
  const touch = (kind, given) => {
    if (busy || given === undefined || given === null || typeof given === 'number') return
    const text = given instanceof URL ? url.fileURLToPath(given) : Buffer.isBuffer(given) ? given.toString() : given
    if (typeof text !== 'string' || text === '') return
    const at = path.resolve(text)
    if (isInside(at)) return
    if (kind === 'read' && (isIn(at, installed) || /[\\/]node_modules(?:[\\/]|$)/.test(at))) return
    // Looking for a manifest or a setting upwards is how every tool begins.
    if (kind === 'read' && isIn(root, path.dirname(at))) return
    record(kind, isAtHome(at) ? '~' + at.slice(home.length) : at)
  }
  const byFlags = (flags) => {
    if (typeof flags === 'number') return (flags & (fs.constants.O_WRONLY | fs.constants.O_RDWR | fs.constants.O_CREAT)) === 0 ? 'read' : 'write'
    return typeof flags === 'string' && /[wa+]/.test(flags) ? 'write' : 'read'
  }
  const reads = ['readFile', 'readdir', 'opendir', 'createReadStream', 'readlink']
  const writes = ['writeFile', 'appendFile', 'mkdir', 'mkdtemp', 'rm', 'rmdir', 'unlink', 'chmod', 'chown', 'truncate', 'utimes', 'createWriteStream']
  const pairs = ['rename', 'copyFile', 'cp', 'link', 'symlink']
  for (const owner of [fs, fs.promises]) {
    for (const end of owner === fs ? ['', 'Sync'] : ['']) {
      for (const name of reads) wrap(owner, name + end, (args) => touch('read', args[0]))
      for (const name of writes) wrap(owner, name + end, (args) => touch('write', args[0]))
      for (const name of pairs)
        wrap(owner, name + end, (args) => {
          touch(name === 'rename' ? 'write' : 'read', args[0])
          touch('write', args[1])
        })
      wrap(owner, 'open' + end, (args) => touch(byFlags(args[1]), args[0]))
    }
  }

  // Programs
  const programOf = (command) => path.basename(String(command)).replace(/\.exe$/i, '')
  const shellWord = (command) => programOf((/^\s*(?:\w+=\S*\s+)*["']?([^\s"';|&]+)/.exec(String(command)) || [])[1] || command)
  const children = require('child_process')
  wrap(children.ChildProcess && children.ChildProcess.prototype, 'spawn', (args) => {
    const { file: program, args: words = [] } = args[0] || {}
    const shell = /^(?:sh|bash|zsh|dash|cmd)$/.test(programOf(program))
    const script = shell && words.length > 2 && /^(?:-c|\/c)$/.test(words[words.length - 2]) ? words[words.length - 1] : undefined
    record('process', script === undefined ? programOf(program) : shellWord(script))
  })
  wrap(children, 'spawnSync', (args) => record('process', programOf(args[0])))
  wrap(children, 'execFileSync', (args) => record('process', programOf(args[0])))
  wrap(children, 'execSync', (args) => record('process', shellWord(args[0])))

  // Connections
  const net = require('net')
  wrap(net.Socket.prototype, 'connect', (args) => {
    const first = Array.isArray(args[0]) ? args[0][0] : args[0]
    const options = typeof first === 'object' && first !== null ? first : { port: first, host: typeof args[1] === 'string' ? args[1] : undefined }
    if (typeof first === 'string' && !/^\d+$/.test(first)) options.path = first
    // Like a file there: tools talk to their own children so.
    if (typeof options.path === 'string' && isInside(path.resolve(options.path))) return
    record('connection', options.path ? 'unix:' + options.path : (options.host || 'localhost') + ':' + options.port)
  })
  const datagram = require('dgram')
  const toPeer = (args) => {
    const host = args.filter((value, index) => index > 0 && typeof value === 'string').pop()
    const port = args.filter((value) => typeof value === 'number').pop()
    if (port !== undefined) record('connection', (host || 'localhost') + ':' + port)
  }
  wrap(datagram.Socket.prototype, 'send', toPeer)
  wrap(datagram.Socket.prototype, 'connect', toPeer)
  const dns = require('dns')
  for (const owner of [dns, dns.promises, dns.Resolver && dns.Resolver.prototype, dns.promises && dns.promises.Resolver && dns.promises.Resolver.prototype])
    for (const name of ['lookup', 'resolve', 'resolve4', 'resolve6', 'resolveAny', 'resolveCname', 'resolveMx', 'resolveNs', 'resolveTxt', 'resolveSrv'])
      wrap(owner, name, (args) => typeof args[0] === 'string' && record('connection', args[0], true))

  // Variables. What Node itself looks up, and copies for its children, is not the program's doing.
  try {
    process.env = new Proxy(process.env, {
      get(target, name) {
        if (typeof name === 'string' && !name.startsWith('HOMEOSTAT_')) record('environment', name, true)
        return target[name]
      },
      has(target, name) {
        if (typeof name === 'string') record('environment', name, true)
        return name in target
      },
      // By itself it would define a property, which this object refuses.
      set(target, name, value) {
        target[name] = value
        return true
      },
      ownKeys(target) {
        record('environment', '*', true)
        return Reflect.ownKeys(target)
      },
    })
  } catch {}

  try {
    require('module').syncBuiltinESMExports()
  } catch {}
  say({ kind: 'start' })
  process.once('exit', () => {
    try {
      say({ kind: 'end', memoryBytes: process.resourceUsage().maxRSS * 1024 })
    } catch {}
  })
})
`

/**
 * The program as a file for `--require`. It runs under a name of Node's own modules, so that what it adds to the stack of an
 * error is not taken for a place in the project, neither by people nor by whoever classifies the output.
 */
export const behaviourPreload = `'use strict'
new (require('vm').Script)(${JSON.stringify(program)}, { filename: 'node:internal/homeostat' }).runInThisContext()(require)
`
