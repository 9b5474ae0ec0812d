import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { LinkedList, type LinkedEntry } from '../../src/core/linked-list.js'

interface Named extends LinkedEntry {
  readonly name: number
}

function entry(name: number): Named {
  return { name, previous: undefined, next: undefined }
}

function namesOf(list: LinkedList<Named>): number[] {
  const names: number[] = []
  for (let one: LinkedEntry | undefined = list.first; one !== undefined; one = one.next) names.push((one as Named).name)
  return names
}

it('LinkedList keeps the order of arrival whatever is taken out, and says whether it was in', () => {
  const step = fc.record({ add: fc.boolean(), at: fc.nat(20) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const list = new LinkedList<Named>()
      let model: Named[] = []
      let names = 0
      for (const { add, at } of steps) {
        const victim = model[at]
        if (add) {
          const added = entry((names += 1))
          list.add(added)
          model.push(added)
        } else if (victim === undefined) expect(list.remove(entry(-1))).toBe(false)
        else {
          expect(list.remove(victim)).toBe(true)
          expect(list.remove(victim)).toBe(false)
          model = model.filter((one) => one !== victim)
        }
        expect(namesOf(list)).toEqual(model.map(({ name }) => name))
        expect([list.first, list.last]).toEqual([model[0], model.at(-1)])
      }
      list.clear()
      expect(namesOf(list)).toEqual([])
    }),
  )
})
