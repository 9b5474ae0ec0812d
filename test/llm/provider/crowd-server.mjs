// A provider in a process of its own, for crowds: one process may not hold both ends of ten thousand connections.
// Each stream says its first piece at once and the others when as many streams as the crowd is large are open, so that all of them
// are open at the same time. GET /state tells how many are, and were at most.
import { createServer } from 'node:http'

const crowd = Number(process.argv[2])
const pieces = Number(process.argv[3])
const waiting = new Set()
let open = 0
let openMax = 0
let begun = 0

const server = createServer((request, response) => {
  if (request.url === '/state') return void response.end(JSON.stringify({ open, openMax, begun }))
  request.resume()
  begun += 1
  open += 1
  openMax = Math.max(openMax, open)
  response.on('close', () => (open -= 1))
  response.writeHead(200, { 'content-type': 'text/event-stream', connection: 'close' })
  response.write(chunk('0;'))
  waiting.add(response)
  if (waiting.size >= crowd) void goOn()
})
server.listen(0, '127.0.0.1', 4_096, () => process.send({ port: server.address().port }))
process.on('disconnect', () => process.exit())

/** Piece by piece, all streams in turn. */
async function goOn() {
  const streams = [...waiting]
  waiting.clear()
  for (let piece = 1; piece < pieces; piece += 1) {
    for (const response of streams) response.write(chunk(`${piece};`))
    await new Promise((resolve) => setImmediate(resolve))
  }
  for (const response of streams) response.end(chunk('', 'stop') + 'data: [DONE]\n\n')
}

function chunk(content, finish = null) {
  return `data: ${JSON.stringify({ id: 'c', model: 'm', choices: [{ index: 0, delta: { content }, finish_reason: finish }] })}\n\n`
}
