declare const brand: unique symbol

/**
 * A value that carries a proof in its type. One module issues the brand, by the only cast to it; a door that asks for
 * the brand accepts nothing else.
 */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name }
