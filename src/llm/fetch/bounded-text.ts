/**
 * The text of a body, no more than `bytesMax` bytes of it; what is beyond is not read.
 *
 * @returns `whole`: whether that was all of it.
 */
export async function boundedText(
  response: Response,
  bytesMax: number,
): Promise<{ readonly text: string; readonly whole: boolean }> {
  if (response.body === null) return { text: '', whole: true }
  const reader = response.body.getReader()
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return { text: text + decoder.decode(), whole: true }
    bytes += value.length
    if (bytes > bytesMax) {
      await reader.cancel().catch(() => undefined)
      return { text: text + decoder.decode(value.subarray(0, value.length - (bytes - bytesMax))), whole: false }
    }
    text += decoder.decode(value, { stream: true })
  }
}
