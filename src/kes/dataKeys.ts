/**
 * The first data keys that a KES v0.19.2 … 2023-02 answers after every start when it was built with Go before 1.20: it
 * takes them from `math/rand`, which then is not seeded (KES `server-key-api.go`; Go `math/rand` with seed 1, read 32
 * bytes at a time). Several, because somebody may have asked before us.
 */
const predictableDataKeys: readonly string[] = [
  '52fdfc072182654f163f5f0f9a621d729566c74d10037c4d7bbb0407d1e2c649',
  '81855ad8681d0d86d1e91e00167939cb6694d2c422acd208a0072939487f6999',
  'eb9d18a44784045d87f3c67cf22746e995af5a25367951baa2ff6cd471c483f1',
  '5fb90badb37c5821b6d95526a41a9504680b4e7c8b763a1b1d49d4955c848621',
  '6325253fec738dd7a9e28bf921119c160f0702448615bbda08313f6a8eb668d2',
  '0bf5059875921e668a5bdf2c7fc4844592d2572bcd0668d2d6c52f5054e2d083',
  '6bf84c7174cb7476364cc3dbd968b0f7172ed85794bb358b0c3b525da1786f9f',
  'ff094279db1944ebd7a19d0f7bbacbe0255aa5b7d44bec40f84c892b9bffd436',
]

/** Whether anybody can compute this data key: then so can they every other of this server. */
export function isPredictable(plaintext: Buffer): boolean {
  return predictableDataKeys.includes(plaintext.toString('hex'))
}
