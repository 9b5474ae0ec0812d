import { describe, expect, it } from 'vitest'
import { followedPromise } from '../../../src/llm/wrap/followed-promise.js'

/** A promise as the SDKs make them: it does its work when someone asks. */
class LazyPromise extends Promise<unknown> {
  static override get [Symbol.species](): PromiseConstructor {
    return Promise
  }
  #asked = 0
  readonly #value: () => unknown

  constructor(value: () => unknown) {
    super((resolve) => resolve(null))
    this.#value = value
  }
  get asked(): number {
    return this.#asked
  }
  // oxlint-disable-next-line unicorn/no-thenable -- it is a promise
  override then<A = unknown, B = never>(
    onValue?: ((value: unknown) => A | PromiseLike<A>) | null,
    onError?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#asked += 1
    return Promise.resolve().then(this.#value).then(onValue, onError)
  }
  asResponse(): Promise<unknown> {
    return Promise.resolve('response')
  }
  withResponse(): Promise<unknown> {
    return Promise.resolve({ data: 'data', response: 'response' })
  }
  _thenUnwrap(transform: (value: unknown) => unknown): LazyPromise {
    return new LazyPromise(() => transform(this.#value()))
  }
}

describe('followedPromise()', () => {
  it('gives an SDK promise back as the object it is, and asks nothing of it', async () => {
    const heard: unknown[] = []
    const promise = new LazyPromise(() => 'value')
    const followed = followedPromise(promise, (end) => heard.push(end))
    expect(followed).toBe(promise)
    expect(Object.keys(promise)).toEqual([])
    await Promise.resolve()
    expect([promise.asked, heard]).toEqual([0, []])
    expect(await promise).toBe('value')
    expect(heard).toEqual(['value'])
    expect(promise.asked).toBe(1)
  })

  it('hears of whatever is got out of it', async () => {
    const heard: unknown[] = []
    const promise = new LazyPromise(() => 'value')
    followedPromise(promise, (end) => heard.push(end))
    await promise.asResponse()
    const both = await promise.withResponse()
    expect(heard).toEqual(['response', both, 'data', 'response'])
    expect(await promise._thenUnwrap((value) => `${String(value)}!`)).toBe('value!')
    expect(heard.at(-1)).toBe('value!')
  })

  it('hears of errors, and passes them on', async () => {
    const heard: unknown[] = []
    const error = new Error('it failed')
    const promise = new LazyPromise(() => {
      throw error
    })
    followedPromise(promise, (end) => heard.push(end))
    await expect(promise).rejects.toBe(error)
    expect(await promise.catch((thrown: unknown) => thrown)).toBe(error)
    expect(heard).toEqual([error, error])
  })

  it('hears of plain promises and of what is no promise', async () => {
    const heard: unknown[] = []
    const hear = (end: unknown): void => void heard.push(end)
    const helper = { on: () => undefined }
    expect(followedPromise(helper, hear)).toBe(helper)
    expect(await followedPromise(Promise.resolve(1), hear)).toBe(1)
    await expect(followedPromise(Promise.reject(new Error('no')), hear)).rejects.toThrow('no')
    expect(heard).toEqual([helper, 1, expect.objectContaining({ message: 'no' })])
  })
})
