/**
 * A program that is loaded before a test runner, and repeats the tests of one process: with the code as it is, then with one variant
 * of a mutant schema after the other. A process is started once for thousands of variants. It tells of each in a file beside it:
 * `>` a variant begins, `+` with it a test passes that failed, `=` a test passes as before, `-` it fails, `?` it fails, but it was asked
 * for while modules were loaded, which a repeated test does not do again; `!` a failing test was repeated to its end. What passes
 * here is no more than likely: a test may leave something behind for the next.
 *
 * Runs under any Node from 18 on, as CommonJS, and reaches the runners through the doors that they have: the modules that they load, and
 * what they call before a test.
 */
export const repeatPreload = String.raw`
const fs = require('fs'), path = require('path'), Module = require('module')
const { AsyncLocalStorage, AsyncResource } = require('async_hooks')
const { ids, isAll, timeoutMs } = JSON.parse(fs.readFileSync(path.join(__dirname, 'given.json'), 'utf8'))
const file = path.join(__dirname, 'told'), append = fs.appendFileSync, hrtime = process.hrtime.bigint
const later = setTimeout, clear = clearTimeout
const now = () => Number(hrtime()) / 1e6
const say = (text) => { try { append(file, text + '\n') } catch {} }
const storage = new AsyncLocalStorage(), loaded = new Set()
let alive = ids, seen = loaded, asked = 0, until = Infinity, tail = Promise.resolve(), isOver = false
const state = {
  current: 0,
  // Most loops that a variant makes endless ask again and again.
  asked(id) {
    if (seen !== undefined) seen.add(id)
    if ((++asked & 1023) === 0 && now() > until) throw new Error('A variant took too long')
    return id === state.current
  },
  each,
}
// A function: some sandboxes copy what they find on process.
process.homeostatVariants = () => state
/** Repeats a test; resolves when the runner may run it as usual. Tests that run at once are repeated one after the other. */
function each(attempt) {
  const above = storage.getStore()
  if (isOver || (above !== undefined && above.id !== 0)) return Promise.resolve()
  if (above !== undefined) above.isParent = true
  const done = (above === undefined ? tail : above.tail).then(() => repeat(attempt)).catch(() => {})
  if (above === undefined) tail = done
  else above.tail = done
  return done
}
async function repeat(attempt) {
  if (isOver) return
  // What is asked for from now on is not asked by loading.
  if (seen === loaded) seen = undefined
  const around = seen, own = { id: 0, isParent: false, tail: Promise.resolve() }, from = now()
  seen = new Set()
  let isPassing = await once(own, attempt)
  const ms = Math.min(timeoutMs, Math.max(200, (now() - from) * 20)), reached = seen
  if (around !== undefined) for (const id of reached) around.add(id)
  seen = undefined
  // What cannot be done twice tells nothing.
  const isTold = !own.isParent && (!isPassing || (isAll && (await once({ id: 0 }, attempt, timeoutMs))))
  if (isTold) {
    const left = []
    for (let at = 0; at < alive.length; at += 1) {
      const id = alive[at]
      if (!reached.has(id)) {
        if (isPassing || loaded.has(id)) left.push(id)
        else say('- ' + id)
        continue
      }
      say('> ' + id + ' ' + Math.ceil(ms))
      if (await once({ id }, attempt, ms)) {
        say((isPassing ? '= ' : '+ ') + id)
        left.push(id)
      } else if (isPassing && !(await once({ id: 0 }, attempt, ms))) {
        // Something was left behind; this test has told all that it can.
        left.push(...alive.slice(at))
        say('= ' + id)
        break
      } else say((!isPassing && loaded.has(id) ? '? ' : '- ') + id)
    }
    alive = left
    if (!isPassing) say('!')
    if (!isPassing && !isAll) isOver = true
  }
  seen = around
}
const thrown = ['uncaughtException', 'unhandledRejection']
async function once(own, attempt, ms) {
  let timer, fail
  const failed = new Promise((resolve) => { fail = () => resolve(false) })
  state.current = own.id
  asked = 0
  until = ms === undefined ? Infinity : now() + ms
  // What a variant throws where nobody catches it ends the variant, not the process.
  if (own.id !== 0) for (const name of thrown) process.on(name, fail)
  if (ms !== undefined) timer = later(fail, ms + 200)
  try {
    return (await storage.run(own, () => Promise.race([failed, attempt()]))) === true
  } catch {
    return false
  } finally {
    clear(timer)
    for (const name of thrown) process.removeListener(name, fail)
    until = Infinity
    state.current = 0
  }
}
/** A function that may take a callback, called as runners do. */
function called(fn, self, args = []) {
  if (fn.length <= args.length) return Promise.resolve().then(() => fn.apply(self, args))
  return new Promise((resolve, reject) => {
    const done = (error) => (error ? reject(error) : resolve())
    done.fail = (error) => reject(error || new Error('failed'))
    const value = fn.call(self, ...args, done)
    if (value && typeof value.then === 'function') value.then(undefined, reject)
  })
}
const marked = new WeakSet()
function firstly(object, change) {
  if (object && !marked.has(object)) { marked.add(object); change(object) }
}
function mocha(Runner) {
  if (typeof Runner !== 'function' || typeof Runner.prototype.runTest !== 'function') return
  firstly(Runner, () => {
    const run = Runner.prototype.runTest
    Runner.prototype.runTest = function (fn) {
      const runner = this, test = this.test
      if (!test || !test.fn) return run.call(this, fn)
      let isFresh = true
      const refresh = async () => {
        if (!isFresh) for (const [walk, name] of [['hookUp', 'afterEach'], ['hookDown', 'beforeEach']]) await new Promise((resolve) => runner[walk](name, resolve))
        isFresh = false
        test.timedOut = false
      }
      const attempt = async () => {
        await refresh()
        return new Promise((resolve) => { try { test.run((error) => resolve(!error)) } catch { resolve(false) } })
      }
      each(attempt).then(refresh).then(() => setImmediate(() => run.call(runner, fn)))
    }
  })
}
function jest(exported, put) {
  const original = typeof exported === 'function' ? exported : exported && exported.default
  if (typeof original !== 'function') return
  const wrapped = (globalConfig, config, environment, ...rest) => {
    const handle = environment.handleTestEvent
    environment.handleTestEvent = async function (event, circus) {
      const { test } = event
      if (event.name === 'test_start' && test.fn) test.timeout = 2000000000
      if (event.name === 'test_fn_start' && test.fn) {
        const { fn } = test, blocks = []
        for (let block = test.parent; block; block = block.parent) blocks.unshift(block)
        const hooks = async (type) => {
          for (const { hooks } of type === 'beforeEach' ? blocks : [...blocks].reverse())
            for (const hook of hooks) if (hook.type === type) await called(hook.fn)
        }
        let isFresh = true
        const refresh = async () => {
          if (!isFresh) { await hooks('afterEach').catch(() => {}); await hooks('beforeEach') }
          isFresh = false
        }
        test.fn = async () => {
          test.fn = fn
          await each(async () => { await refresh(); await called(fn); return true })
          await refresh().catch(() => {})
          return called(fn)
        }
      }
      return handle && handle.call(environment, event, circus)
    }
    return original(globalConfig, config, environment, ...rest)
  }
  put(typeof exported === 'function' ? wrapped : { ...exported, default: wrapped })
}
function tape(Test) {
  if (typeof Test !== 'function' || typeof Test.prototype.run !== 'function') return
  firstly(Test, () => {
    const run = Test.prototype.run, copies = new WeakMap()
    Test.prototype.run = function () {
      const test = this
      if (copies.has(test)) {
        try { return run.call(test) } catch { return copies.get(test)() }
      }
      if (!test._cb || test._skip || test._todo) return run.call(test)
      const attempt = () => new Promise((resolve) => {
        let isOk = true
        const watch = (one) => {
          copies.set(one, () => resolve(false))
          one.on('result', (result) => { if (result && typeof result === 'object' && !result.ok && !result.todo) isOk = false })
          one.on('test', watch)
        }
        const copy = new Test(test.name, {}, test._cb)
        watch(copy)
        copy.on('end', () => resolve(isOk))
        // What throws may have left the test open.
        try { const value = run.call(copy); if (value && value.catch) value.catch(() => resolve(false)) } catch { resolve(false) }
      })
      each(attempt).then(() => setImmediate(() => run.call(test)))
    }
  })
}
function uvu(exported) {
  firstly(exported, () => {
    const wrap = (test) => {
      const repeated = (name, handler) => test(name, wrapHandler(handler, before, after))
      const before = [], after = []
      const eachHook = (list, add) => Object.assign((handler) => { list.push(handler); return add(handler) }, add)
      Object.assign(repeated, test, { only: (name, handler) => test.only(name, wrapHandler(handler, before, after)) })
      if (test.before) { repeated.before = Object.assign((handler) => test.before(handler), { each: eachHook(before, test.before.each) }) }
      if (test.after) { repeated.after = Object.assign((handler) => test.after(handler), { each: eachHook(after, test.after.each) }) }
      return repeated
    }
    const { suite, test } = exported
    if (typeof suite === 'function') exported.suite = (...given) => wrap(suite(...given))
    if (typeof test === 'function') exported.test = wrap(test)
  })
}
function wrapHandler(handler, before, after) {
  if (typeof handler !== 'function') return handler
  return async (context) => {
    let isFresh = true
    const refresh = async () => {
      if (!isFresh) { for (const hook of after) await hook(context); for (const hook of before) await hook(context) }
      isFresh = false
    }
    await each(async () => { await refresh(); await handler(context); return true })
    await refresh()
    return handler(context)
  }
}
// A test of Node's own runner calls its function by a method that anyone may see.
const inScope = AsyncResource.prototype.runInAsyncScope
AsyncResource.prototype.runInAsyncScope = function (fn, self, ...args) {
  if (this.constructor.name !== 'Test' || this.fn !== fn || typeof fn !== 'function' || typeof this.runHook !== 'function') return inScope.call(this, fn, self, ...args)
  const takesCallback = fn.length > 1 && args.length > 1, own = takesCallback ? args.slice(0, 1) : args, { parent } = this
  let isFresh = true
  const refresh = async () => {
    if (!isFresh && parent && typeof parent.runHook === 'function')
      for (const name of ['afterEach', 'beforeEach']) try { await parent.runHook(name, { __proto__: null, args: own, ctx: self }) } catch {}
    isFresh = false
  }
  const call = takesCallback ? (context, end) => inScope.call(this, fn, self, context, end) : (...given) => inScope.call(this, fn, self, ...given)
  const done = each(async () => { await refresh(); await called(call, self, own); return true })
    .then(refresh).then(() => inScope.call(this, fn, self, ...args))
  if (!takesCallback) return done
}
function ava(Test) {
  const { run } = Test.prototype
  Test.prototype.run = function () {
    if (this.isHook || (this.metadata && this.metadata.inline)) return run.call(this)
    return each(async () => {
      const { attemptCount, pendingAttemptCount } = this
      const { passed } = await this.runAttempt(this.title, this.fn)
      Object.assign(this, { attemptCount, pendingAttemptCount })
      return this.metadata && this.metadata.failing ? !passed : passed
    }).then(() => run.call(this))
  }
}
process.homeostatAva = ava
const patches = [
  [/[\\/]mocha[\\/]lib[\\/]runner\.c?js$/, (module) => mocha(module.exports)],
  [/[\\/]jest-circus[\\/](build[\\/])?(runner|legacy-code-todo-rewrite[\\/]jestAdapter)\.js$/, (module) => firstly(module, () => jest(module.exports, (value) => { module.exports = value }))],
  [/[\\/]tape[\\/]lib[\\/]test\.js$/, (module) => tape(module.exports)],
  [/[\\/]uvu[\\/]dist[\\/]index\.js$/, (module) => uvu(module.exports)],
]
const load = Module._extensions['.js']
Module._extensions['.js'] = function (module, name) {
  load(module, name)
  for (const [pattern, patch] of patches) if (pattern.test(name)) try { patch(module) } catch {}
}
if (typeof Module.registerHooks === 'function')
  Module.registerHooks({
    resolve(specifier, context, next) {
      const found = next(specifier, context)
      return /\/uvu\/dist\/index\.mjs$/.test(found.url) ? { ...found, url: found.url.replace(/mjs$/, 'js'), format: 'commonjs' } : found
    },
    load(url, context, next) {
      const found = next(url, context)
      if (!/\/ava\/lib\/test\.js$/.test(url) || found.source == null) return found
      return { ...found, source: String(found.source) + '\n;globalThis.process.homeostatAva?.(Test)\n' }
    },
  })
`
