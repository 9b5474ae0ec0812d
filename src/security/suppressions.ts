import * as z from 'zod'
import { printable } from '../core/text.js'

/** A person's word that findings of a rule in some files are known and borne, for a while. */
export const suppressionSchema = z.strictObject({
  /** The id of a rule, in capitals. */
  rule: z
    .string()
    .max(60)
    .regex(/^[A-Z]+(?:-[A-Z]+)*$/),
  /** A path, or a glob of paths (`**`, `*`). A finding that blocks is suppressed by its exact path only. */
  path: z.string().min(1).max(500).refine(isPlain),
  /** Why, for those who read it later: 10..500 printable characters. */
  reason: z.string().min(10).max(500).refine(isPlain),
  /** The last day on which it counts, in UTC: `2030-12-31`. */
  until: z.iso.date(),
})

/** One entry of the policy's `suppressions`. */
export type Suppression = z.infer<typeof suppressionSchema>

/** No policy has more of them. */
export const suppressionsMax = 1_000

function isPlain(text: string): boolean {
  return text === text.trim() && printable(text, text.length) === text
}
