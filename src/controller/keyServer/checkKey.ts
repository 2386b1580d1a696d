/**
 * A key of the controller's own, to try the server with. It has no underscore, so it lies outside every namespace's prefix, and it
 * is the first key of every server: where it is recorded and missing, the server's data is other data.
 */
export const checkKey = 'kes-injector-check'
