// Measures the built scorer on labelled data (`npm run bench:confidence`): calibration, ranking and gates on tasks it has not seen, beside a
// score with fixed weights and beside Platt scaling of it; cold start; a new model; promises kept over many draws; and what it costs.
//
//   node bench/confidence.mjs [--data FOLDER] [--draws N] [--json]
//
// The folder (or HOMEOSTAT_CONFIDENCE_DATA) holds JSON lines: a header with `cols` and `signals`, then one array for each answer. Without
// it only what needs no data is measured. Exits with 1 when a limit is passed.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { measure, UnifiedConfidenceScorer } from '../dist/scoring/index.js'

const { values: args } = parseArgs({
  options: { data: { type: 'string' }, draws: { type: 'string', default: '200' }, json: { type: 'boolean', default: false } },
})
const limits = { ece: 0.045, brier: 0.125, auroc: 0.865, accept: 0.3, risk: 0.05, scoreUs: 5, learnUs: 50, outcomesMb: 30 }
const folder =
  args.data ?? process.env.HOMEOSTAT_CONFIDENCE_DATA ?? fileURLToPath(new URL('../../shared/data/confidence', import.meta.url))

const results = {}
const sets = existsSync(folder)
  ? readdirSync(folder)
      .filter((name) => name.endsWith('.jsonl'))
      .map(load)
  : []
if (sets.length > 0) {
  results.unseen = unseen()
  results.coldStart = coldStart()
  results.newModel = newModel()
}
results.promises = promises(Number(args.draws))
results.cost = cost()
const failures = check()
if (args.json) console.log(JSON.stringify({ results, failures }, undefined, 2))
else print()
process.exitCode = failures.length === 0 ? 0 : 1

/** Answers of one file, as outcomes. Text is a category. */
function load(name) {
  const [header, ...lines] = readFileSync(`${folder}/${name}`, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  const outcomes = lines.map((values) => {
    const row = Object.fromEntries(header.cols.map((column, at) => [column, values[at]]))
    const signals = Object.fromEntries(
      header.signals.filter((signal) => row[signal] !== null).map((signal) => [signal, row[signal]]),
    )
    return { signals, correct: row.y === 1, group: String(row.task), fold: row.fold, model: String(row.model) }
  })
  return { name: header.name, outcomes }
}

/**
 * Learns from some folds and judges the others. With folds 6 to 9 in the data these are judged; the development data has folds 0 to 5,
 * of which each pair is judged once.
 */
function unseen() {
  return sets.map(({ name, outcomes }) => {
    const splits = outcomes.some(({ fold }) => fold > 5)
      ? [[6, 7, 8, 9]]
      : [
          [0, 1],
          [2, 3],
          [4, 5],
        ]
    const runs = splits.map((held) => {
      const learnt = outcomes.filter(({ fold }) => !held.includes(fold))
      const judged = outcomes.filter(({ fold }) => held.includes(fold))
      const scorer = new UnifiedConfidenceScorer()
      scorer.fit(learnt.map(({ signals, correct, group }) => ({ signals, correct, group })))
      const gate = scorer.gate({ risk: limits.risk, kind: 'joint' })
      const estimates = judged.map(({ signals }) => scorer.score(signals))
      const accepted = judged.filter((_, row) => gate.accepts(estimates[row]))
      const fixed = fixedWeights(learnt)
      const line = platt(
        learnt.map((one) => fixed(one.signals)),
        learnt,
      )
      return {
        scorer: {
          ...figures(
            estimates.map(({ probability }) => probability),
            judged,
          ),
          accept: accepted.length / judged.length,
          risk: accepted.filter(({ correct }) => !correct).length / judged.length,
        },
        fixed: figures(
          judged.map((one) => fixed(one.signals)),
          judged,
        ),
        platt: figures(
          judged.map((one) => line(fixed(one.signals))),
          judged,
        ),
      }
    })
    return { name, ...Object.fromEntries(['scorer', 'fixed', 'platt'].map((who) => [who, mean(runs.map((run) => run[who]))])) }
  })
}

/** Brier score on unseen tasks after few labels, drawn at random. */
function coldStart(repeats = 8) {
  return sets.map(({ name, outcomes }) => ({
    name,
    ...Object.fromEntries(
      [10, 50, 200].map((labels) => [
        labels,
        average(
          Array.from({ length: repeats }, (_, seed) => {
            const judged = outcomes.filter(({ fold }) => fold === seed % 6)
            const scorer = new UnifiedConfidenceScorer()
            scorer.fit(
              drawn(
                outcomes.filter(({ fold }) => fold !== seed % 6),
                labels,
                seed,
              ),
            )
            return figures(
              judged.map(({ signals }) => scorer.score(signals).probability),
              judged,
            ).brier
          }),
        ),
      ]),
    ),
  }))
}

/** Learns from one half of the models, then gets labels of the other half one by one: calibration error before and after. */
function newModel() {
  return sets.flatMap(({ name, outcomes }) => {
    const models = [...new Set(outcomes.map(({ model }) => model))].sort((a, b) => (a < b ? -1 : 1))
    const old = models.slice(0, Math.ceil(models.length / 2))
    if (old.length === models.length) return []
    const scorer = new UnifiedConfidenceScorer()
    scorer.fit(outcomes.filter(({ model }) => old.includes(model)).map(withModel))
    const fresh = outcomes.filter(({ model }) => !old.includes(model))
    const judged = fresh.filter(({ fold }) => fold >= 3)
    const labelled = drawn(
      fresh.filter(({ fold }) => fold < 3),
      200,
      1,
    )
    const ece = {}
    for (let known = 0; known <= labelled.length; known += 1) {
      if ([0, 50, 200].includes(known))
        ece[known] = figures(
          judged.map((one) => scorer.score(one.signals, { model: one.model }).probability),
          judged,
        ).ece
      if (known < labelled.length) scorer.learn(withModel(labelled[known]))
    }
    return [{ name, ...ece }]
  })
}

/** How often each kind of gate breaks its promise in a world whose truth is known, learning included. Risk 0.1, delta 0.1. */
function promises(draws) {
  const random = generator(11)
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  const answer = (group, hard) => {
    const [a, b] = [random() * 6 - 3, normal()]
    return { signals: { a, b, c: hard + 2 * normal() }, chance: 1 / (1 + Math.exp(-(1 + a + 0.5 * b + hard))), group }
  }
  const worlds = {
    'single answers': (count) => Array.from({ length: count }, () => answer(undefined, 0)),
    'five answers a task': (count) =>
      Array.from({ length: count / 5 }, () => {
        const [group, hard] = [String(random()), 1.5 * normal()]
        return Array.from({ length: 5 }, () => answer(group, hard))
      }).flat(),
  }
  return Object.entries(worlds).map(([name, make]) => {
    const judged = make(2_000)
    const kept = { joint: [], 'among-accepted': [], 'per-wrong': [] }
    for (let draw = 0; draw < draws; draw += 1) {
      const scorer = new UnifiedConfidenceScorer()
      scorer.fit(make(200).map((one) => ({ ...one, correct: random() < one.chance })))
      const estimates = judged.map(({ signals }) => scorer.score(signals))
      for (const kind of Object.keys(kept)) {
        const gate = scorer.gate({ risk: 0.1, kind, delta: 0.1 })
        const sums = { accepted: 0, acceptedWrong: 0, wrong: 0 }
        judged.forEach(({ chance }, row) => {
          sums.wrong += 1 - chance
          if (!gate.accepts(estimates[row])) return
          sums.accepted += 1
          sums.acceptedWrong += 1 - chance
        })
        const whole = { joint: judged.length, 'among-accepted': Math.max(1, sums.accepted), 'per-wrong': sums.wrong }
        kept[kind].push(sums.acceptedWrong / whole[kind])
      }
    }
    return {
      name,
      draws,
      joint: average(kept.joint),
      perWrong: average(kept['per-wrong']),
      amongAcceptedBroken: kept['among-accepted'].filter((risk) => risk > 0.1).length / draws,
    }
  })
}

/** Processor time, which a busy machine stretches less than time on the wall; the best of three. */
function cost() {
  const random = generator(5)
  const make = () => {
    const signals = Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`signal${at}`, random() * 4 - 2]))
    return {
      signals,
      correct: random() < 1 / (1 + Math.exp(-signals.signal1 - signals.signal2)),
      group: `task${Math.floor(random() * 5_000)}`,
    }
  }
  const outcomes = Array.from({ length: 15_000 }, make)
  const weights = Object.keys(outcomes[0].signals).map((name) => [name, random()])
  const dot = best(() =>
    timed(200_000, (at) => weights.reduce((sum, [name, weight]) => sum + weight * outcomes[at % 1_000].signals[name], 0)),
  )
  let scorer = new UnifiedConfidenceScorer()
  const learn = best(() => {
    scorer = new UnifiedConfidenceScorer()
    scorer.fit(outcomes.slice(0, 10_000))
    return timed(5_000, (at) => scorer.learn(outcomes[10_000 + at]))
  })
  scorer.score(outcomes[0].signals)
  const score = best(() => timed(100_000, (at) => scorer.score(outcomes[at % 1_000].signals)))
  return { scoreUs: score, learnUs: learn, dotProductUs: dot, scoreToDotProduct: score / dot, outcomesMb: memory(make) }
}

/** What 100 000 outcomes of 20 signals keep alive; needs `--expose-gc` to be exact, and is `null` without it. */
function memory(make) {
  if (globalThis.gc === undefined) return null
  const used = () => {
    // Buffers of arrays are freed in a later round than the arrays.
    for (let round = 0; round < 4; round += 1) globalThis.gc()
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    return heapUsed + arrayBuffers
  }
  const before = used()
  const scorer = new UnifiedConfidenceScorer({ outcomesMax: 100_000 })
  for (let count = 0; count < 100_000; count += 1) scorer.learn(make())
  scorer.score({})
  const after = used()
  // Asked last, so that the scorer is still alive when it is weighed.
  return scorer.score({}).samples === 100_000 ? (after - before) / 1e6 : Number.NaN
}

function check() {
  const failures = []
  const limit = (name, figure, most) => {
    if (figure !== null && !(figure <= most)) failures.push(`${name}: ${figure.toFixed(4)}, at most ${most}`)
  }
  if (results.unseen !== undefined) {
    const whole = mean(results.unseen.map(({ scorer }) => scorer))
    limit('ECE', whole.ece, limits.ece)
    limit('Brier', whole.brier, limits.brier)
    limit('realised joint risk', whole.risk, limits.risk)
    limit('minus AUROC', -whole.auroc, -limits.auroc)
    limit('minus accept rate', -whole.accept, -limits.accept)
  }
  const noise = 3 / Math.sqrt(Number(args.draws))
  for (const { name, joint, perWrong, amongAcceptedBroken } of results.promises) {
    limit(`joint risk, ${name}`, joint, 0.1 + noise * 0.05)
    limit(`accepted among the wrong, ${name}`, perWrong, 0.1 + noise * 0.05)
    limit(`broken promises among the accepted, ${name}`, amongAcceptedBroken, 0.1 + noise * 0.3)
  }
  limit('score of 20 signals, µs', results.cost.scoreUs, limits.scoreUs)
  limit('learn at 10 000 outcomes, µs', results.cost.learnUs, limits.learnUs)
  limit('100 000 outcomes, MB', results.cost.outcomesMb, limits.outcomesMb)
  return failures
}

function print() {
  console.log(`node ${process.version}, ${cpus().length} cores, load ${loadavg()[0].toFixed(1)}`)
  if (results.unseen === undefined) console.log(`no data in ${folder}`)
  else {
    const whole = {
      name: 'MEAN',
      ...Object.fromEntries(['scorer', 'fixed', 'platt'].map((who) => [who, mean(results.unseen.map((set) => set[who]))])),
    }
    console.log(
      '\nunseen tasks             ECE / Brier / AUROC: fixed weights  | with Platt          | scorer              | accept (risk) at 5 % joint',
    )
    for (const { name, fixed, platt: line, scorer } of [...results.unseen, whole])
      console.log(
        `${name.padEnd(46)}${triple(fixed)}   ${triple(line)}   ${triple(scorer)}   ${scorer.accept.toFixed(3)} (${scorer.risk.toFixed(3)})`,
      )
    console.log('\nBrier after                 10      50     200 labels')
    for (const { name, ...after } of results.coldStart)
      console.log(name.padEnd(26), [10, 50, 200].map((n) => after[n].toFixed(3)).join('   '))
    console.log('\nECE on new models after      0      50     200 of their labels')
    for (const { name, ...after } of results.newModel)
      console.log(name.padEnd(26), [0, 50, 200].map((n) => after[n]?.toFixed(3) ?? '  -  ').join('   '))
  }
  console.log('\npromises at risk 0.1         joint   per wrong   among accepted: broken (at most 0.1)')
  for (const { name, joint, perWrong, amongAcceptedBroken } of results.promises)
    console.log(name.padEnd(28), joint.toFixed(3), '  ', perWrong.toFixed(3), '     ', amongAcceptedBroken.toFixed(3))
  const { scoreUs, learnUs, dotProductUs, scoreToDotProduct, outcomesMb } = results.cost
  console.log(
    `\nscore of 20 signals ${scoreUs.toFixed(2)} µs, ${scoreToDotProduct.toFixed(1)} times a dot product of named signals (${dotProductUs.toFixed(2)} µs)`,
  )
  console.log(`learn at 10 000 outcomes ${learnUs.toFixed(1)} µs, fits included`)
  console.log(
    outcomesMb === null
      ? '100 000 outcomes: run node with --expose-gc to weigh them'
      : `100 000 outcomes ${outcomesMb.toFixed(1)} MB`,
  )
  for (const failure of failures) console.log(`✗ ${failure}`)
}

/** Every signal whose name says which way it points, scaled to 0..1 over the learnt answers, with equal weight. */
function fixedWeights(outcomes) {
  const [against, speaksFor] = [/empty|error|bad|distinct/i, /agree|same|pass|compil|parse|majority|sim/i]
  const scales = [...new Set(outcomes.flatMap(({ signals }) => Object.keys(signals)))].flatMap((name) => {
    const sign = against.test(name) ? -1 : speaksFor.test(name) ? 1 : 0
    const values = outcomes.map(({ signals }) => signals[name]).filter((value) => typeof value === 'number')
    const [low, high] = [Math.min(...values), Math.max(...values)]
    return sign === 0 || !(high > low) ? [] : [{ name, sign, low, high }]
  })
  return (signals) => {
    const shares = scales
      .filter(({ name }) => signals[name] !== undefined)
      .map(({ name, sign, low, high }) => (sign > 0 ? signals[name] - low : high - signals[name]) / (high - low))
    return Math.min(1, Math.max(0, average([0.5, ...shares])))
  }
}

/** Platt scaling by plain gradient steps; enough for two weights. */
function platt(scores, outcomes) {
  let [shift, slope] = [0, 1]
  const chance = (score) => 1 / (1 + Math.exp(-shift - slope * score))
  for (let step = 0; step < 3_000; step += 1) {
    let [bias, tilt] = [0, 0]
    scores.forEach((score, row) => {
      const residual = Number(outcomes[row].correct) - chance(score)
      bias += residual
      tilt += residual * score
    })
    shift += (2 * bias) / scores.length
    slope += (2 * tilt) / scores.length
  }
  return chance
}

function figures(probabilities, outcomes) {
  const { ece, brier, auroc } = measure(
    Float64Array.from(probabilities),
    Uint8Array.from(outcomes, ({ correct }) => Number(correct)),
  )
  return { ece, brier, auroc: auroc ?? 0.5 }
}

function withModel({ signals, correct, group, model }) {
  return { signals, correct, group, context: { model } }
}

function drawn(outcomes, count, seed) {
  const random = generator(seed + 1)
  return outcomes
    .map((outcome) => [random(), outcome])
    .sort(([a], [b]) => a - b)
    .slice(0, count)
    .map(([, outcome]) => outcome)
}

/** The same numbers in [0, 1) for the same seed (Weyl sequence, hashed). */
function generator(seed) {
  let state = seed
  return () => {
    state = (state + 0x9e3779b9) | 0
    let mixed = Math.imul(state ^ (state >>> 16), 0x85ebca6b)
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32
  }
}

function timed(times, work) {
  const before = process.cpuUsage()
  let kept
  for (let at = 0; at < times; at += 1) kept = work(at)
  const { user, system } = process.cpuUsage(before)
  return kept === Symbol.iterator ? 0 : (user + system) / times
}

function best(run) {
  return Math.min(run(), run(), run())
}

function mean(rows) {
  return Object.fromEntries(Object.keys(rows[0]).map((key) => [key, average(rows.map((row) => row[key]))]))
}

function average(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function triple({ ece, brier, auroc }) {
  return `${ece.toFixed(3)} / ${brier.toFixed(3)} / ${auroc.toFixed(3)}`
}
