/** Runs work that takes this machine for one of another kind. */
export async function onPlatform<T>(platform: NodeJS.Platform, work: () => T | Promise<T>): Promise<T> {
  const real = Object.getOwnPropertyDescriptor(process, 'platform')
  Object.defineProperty(process, 'platform', { ...real, value: platform })
  try {
    return await work()
  } finally {
    if (real !== undefined) Object.defineProperty(process, 'platform', real)
  }
}
