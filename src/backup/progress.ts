/** Told of each step as it begins, and again as bytes of it are through. Nothing secret is ever in it. */
export type Tell = (step: string, bytes?: number) => void
