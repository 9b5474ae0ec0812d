import { describe, expect, it } from 'vitest'
import { observeEdit, rulesIn } from './audit-sample.js'

const handler = (body: string): string => `app.get('/x', (req, res) => {\n  ${body}\n})\n`
async function sees(body: string, path = 'src/app.js'): Promise<boolean> {
  return rulesIn(await observeEdit(path, "app.get('/', home)\n", `app.get('/', home)\n${handler(body)}`)).includes('INJ-TAINT')
}

describe('seeTainted()', () => {
  it.each([
    ['a path', 'res.sendFile(req.query.name)'],
    ['a path that is joined', 'const name = req.params.name\n  fs.createReadStream(path.join(root, name))'],
    ['a command', 'child_process.exec("git log " + req.query.branch, done)'],
    ['an address', 'const { url } = req.body\n  axios.get(url)'],
    ['a destination', 'res.redirect(302, req.param("to"))'],
    ['a header that decides', "res.header('Location', req.query.to)"],
    ['a query in text', 'const text = `SELECT * FROM a WHERE b = ${req.query.b}`\n  db.query(text)'],
    ['a query as an object', 'const query = {}\n  query["mail"] = req.body.mail\n  User.findOne(query)'],
    ['a page', "const name = req.query.name\n  res.send('<b>' + name + '</b>')"],
    ['a key', 'const key = req.query.key\n  settings[key] = 1'],
    ['a method', 'api[req.query.method](res)'],
    ['a pattern', 'new RegExp(req.query.q)'],
    ['a module', 'require(req.query.module)'],
    ['code', 'vm.runInNewContext(req.body.code)'],
    ['a template', 'handlebars.compile(req.body.template)'],
    ['an object', 'serializer.unserialize(req.body)'],
    ['members that are copied', 'Object.assign(options, req.body)'],
    ['a size', 'Buffer.allocUnsafe(req.body.size)'],
    ['the first argument of a timer', 'setTimeout(req.query.code, 10)'],
  ])('finds a value of a request that becomes %s', async (_, body) => {
    expect(await sees(body)).toBe(true)
  })

  it.each([
    ['that is converted', 'const size = Number(req.query.size)\n  Buffer.allocUnsafe(size)'],
    ['that is escaped', 'res.send(escapeHtml(req.query.name))'],
    ['that a schema has read', 'const { url } = schema.parse(req.body)\n  axios.get(url)'],
    ['that is only compared', 'res.send(req.query.a === "1" ? one : two)'],
    ['that is a parameter of the query', "db.query('SELECT * FROM a WHERE b = $1', [req.query.b])"],
    ['that follows a host of ours', 'fetch(`https://api.example.org/users/${req.params.id}`)'],
    ['that was replaced by another', "let name = req.query.name\n  name = 'fixed'\n  res.sendFile(name)"],
    ['that is answered as JSON', 'res.json({ name: req.query.name })'],
    ['that is only logged', 'log(req.query.name)'],
    ['of which only the length counts', 'Buffer.allocUnsafe(req.body.length)'],
    ['that the server set', 'res.send(req.user)'],
    ['that is looked up by an expression', 'pattern.exec(req.url)'],
  ])('leaves a value alone %s', async (_, body) => {
    expect(await sees(body)).toBe(false)
  })

  it('follows a name within its function only', async () => {
    expect(
      await sees("const name = req.query.name\n})\napp.get('/y', (req, res) => {\n  const name = 'a'\n  res.sendFile(name)"),
    ).toBe(false)
  })

  it('hears handlers that take their request apart, and names that say so', async () => {
    const after = 'export function show({ query }, res) {\n  res.redirect(query.to)\n}\n'
    expect(rulesIn(await observeEdit('src/a.js', 'a()\n', `a()\n${after}`))).toContain('INJ-TAINT')
    const named = 'export function run(userInput) {\n  return shell.exec(userInput)\n}\n'
    expect(rulesIn(await observeEdit('src/a.js', 'a()\n', `a()\n${named}`))).toContain('INJ-TAINT')
  })

  it('leaves tests and examples alone', async () => {
    expect(await sees('res.send(req.query.a)', 'test/app.test.js')).toBe(false)
    expect(await sees('res.send(req.query.a)', 'examples/app.js')).toBe(false)
  })

  it('says nothing of what was there before', async () => {
    const before = handler('res.send(req.query.a)')
    expect(rulesIn(await observeEdit('src/app.js', before, `${before}b()\n`))).not.toContain('INJ-TAINT')
  })
})
