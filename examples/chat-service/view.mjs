// What happens, as people see it: a picture that is drawn again and again in a terminal, one line for each change elsewhere.
const lights = { closed: '●', 'half-open': '◐', open: '○' }
const colours = { closed: 32, 'half-open': 33, open: 31 }
const told = ['circuit.opened', 'circuit.half-opened', 'circuit.closed', 'circuit.degraded', 'circuit.recovered']
const newsMax = 8

/** @returns `draw`, to be called often; `say`, for a line of news; `end`. */
export function createView({ healer, providers, visitors, output = process.stdout }) {
  const startedMs = performance.now()
  const news = []
  const live = output.isTTY === true
  const seconds = () => ((performance.now() - startedMs) / 1_000).toFixed(1).padStart(5)

  const say = (text) => {
    const line = `${seconds()} s  ${text}`
    if (!live) return void output.write(`${line}\n`)
    news.push(line)
    if (news.length > newsMax) news.shift()
  }
  const calls = { asked: 0, answered: 0, failed: 0, fellBack: 0, usd: 0 }
  healer.on('*', (event) => {
    if (told.includes(event.type)) say(`${event.type.padEnd(19)} ${event.key}${event.reason ? `: ${event.reason}` : ''}`)
    if (event.type === 'llm.fell-back') calls.fellBack += 1
    if (event.type !== 'llm.settled') return
    calls.asked += event.attempts
    calls[event.failure === undefined ? 'answered' : 'failed'] += 1
    calls.usd += event.usd ?? 0
  })

  const lines = () => [
    `homeostat: a chat service and its two providers                       ${seconds()} s`,
    '',
    ...providers.map(
      ({ name, health, requests }) =>
        `  provider ${name.padEnd(8)} is ${health.padEnd(22)} ${String(requests).padStart(5)} requests`,
    ),
    '',
    ...healer.snapshot().keys.map((key) => circuitLine(key, live)),
    '',
    `  visitors  ${visitors.asked} came, ${visitors.answered} answered, ${visitors.refused} asked to come again, ${visitors.broken} heard half an answer`,
    `  calls     ${calls.answered} went well, ${calls.failed} failed, ${calls.fellBack} fell back, ${calls.asked} requests, ${calls.usd.toFixed(4)} US dollars`,
    '',
    ...news,
  ]
  let drawn = 0
  const draw = () => {
    if (!live) return
    const now = lines().map((line) => `${line}\x1b[K\n`)
    output.write((drawn > 0 ? `\x1b[${drawn}A` : '') + now.join('') + '\x1b[J')
    drawn = now.length
  }
  const end = () => {
    draw()
    if (!live) output.write(`${lines().slice(2).join('\n')}\n`)
  }
  return { draw, say, end }
}

function circuitLine({ key, circuit }, coloured) {
  const { state, reason, retryAfterMs, admittedShare } = circuit
  const says = state === 'open' ? `next probe in ${(retryAfterMs / 1_000).toFixed(1)} s, ${reason}` : (reason ?? '')
  const share = state === 'closed' && admittedShare < 1 ? `${Math.round(admittedShare * 100)} % of calls ` : ''
  const light = coloured ? `\x1b[${colours[state]}m${lights[state]}\x1b[0m` : lights[state]
  return `  ${light} ${`${key.padEnd(20)} ${state.padEnd(10)} ${share}${says}`.slice(0, 100).trimEnd()}`
}
