import { closeSync, openSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { inheritedDescriptors } from '../../src/adapters/sandbox-descriptors.js'
import { temporaryFolder } from './temporary.js'

describe('inheritedDescriptors()', () => {
  it('names those that a program keeps when it becomes another one, above the standard ones', () => {
    const folder = temporaryFolder({
      '0': 'pos:\t0\nflags:\t0100002\nmnt_id:\t1\n',
      '2': 'pos:\t0\nflags:\t0100002\n',
      '3': 'pos:\t0\nflags:\t02100000\n',
      '7': 'pos:\t0\nflags:\t0100000\n',
      '251': 'pos:\t0\nflags:\t01\n',
      '9': 'nothing that is known',
      '10/x': 'gone',
    })
    expect([...inheritedDescriptors(folder)].sort((a, b) => a - b)).toEqual([7, 251])
    expect(inheritedDescriptors(`${folder}/missing`)).toEqual([])
  })

  it.runIf(process.platform === 'linux')('leaves out what Node opens', () => {
    const before = inheritedDescriptors()
    const descriptor = openSync(process.execPath, 'r')
    try {
      expect(inheritedDescriptors()).toEqual(before)
    } finally {
      closeSync(descriptor)
    }
  })
})
