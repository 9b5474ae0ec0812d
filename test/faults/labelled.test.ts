import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { faultCategories } from '../../src/core/fault.js'
import { classify } from '../../src/faults/classify.js'

interface Labelled {
  readonly tool: string
  readonly command: string
  readonly exitCode: number | undefined
  /** `none`: nothing is wrong; `any`: only the severity was labelled. */
  readonly category: string
  readonly severity: string
  readonly transient: boolean
  readonly output: string
}

/** Outputs of 53 tools, labelled before the classifier saw them, its mistakes included: `=== tool | command | exit code | category severity [t]`. */
const labelled: readonly Labelled[] = readFileSync(new URL('./fixtures/labelled.txt', import.meta.url), 'utf8')
  .split(/^=== /m)
  .slice(1)
  .map((part) => {
    const end = part.indexOf('\n')
    const [tool = '', command = '-', exitCode = '-', label = ''] = part.slice(0, end).split(' | ')
    const [category = '', severity = '', transient] = label.split(' ')
    return {
      tool,
      command: command === '-' ? '' : command,
      exitCode: exitCode === '-' ? undefined : Number(exitCode),
      category,
      severity,
      transient: transient === 't',
      output: part.slice(end + 1),
    }
  })

const judged = labelled.map((one) => {
  const [fault] = classify({ output: one.output, exitCode: one.exitCode, command: one.command })
  return { ...one, fault }
})

const faulty = judged.filter(({ category }) => category !== 'none')
const share = (all: readonly boolean[]): number => all.filter(Boolean).length / all.length

describe('classify() on outputs labelled beforehand', () => {
  it('has more than 250 of them, of at least 37 tools and of all nine categories', () => {
    expect(labelled.length).toBeGreaterThan(250)
    expect(new Set(labelled.map(({ tool }) => tool)).size).toBeGreaterThanOrEqual(37)
    expect(new Set(faulty.map(({ category }) => category).filter((category) => category !== 'any'))).toEqual(
      new Set(faultCategories),
    )
  })

  it('finds the category: macro recall of at least 92 %, and no category below 85 %', () => {
    const recalls = faultCategories.map((category) =>
      share(faulty.filter((one) => one.category === category).map(({ fault }) => fault?.category === category)),
    )
    expect(recalls.reduce((sum, recall) => sum + recall, 0) / recalls.length).toBeGreaterThanOrEqual(0.92)
    expect(Math.min(...recalls)).toBeGreaterThanOrEqual(0.85)
  })

  it('finds the severity of at least 85 %, and whether it is transient of 97 %', () => {
    expect(share(faulty.map(({ fault, severity }) => fault?.severity === severity))).toBeGreaterThanOrEqual(0.85)
    expect(share(faulty.map(({ fault, transient }) => fault?.transient === transient))).toBeGreaterThanOrEqual(0.97)
  })

  it('finds nothing wrong where nothing is', () => {
    for (const { category, fault } of judged) if (category === 'none') expect(fault).toBeUndefined()
  })
})
