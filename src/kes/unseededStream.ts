/**
 * The bytes that Go's `math/rand` gives first when nobody seeds it (seed 1): 607 steps of its generator, 7 bytes each, which is
 * its whole memory. Made by `rand.New(rand.NewSource(1)).Read`.
 */
const firstSteps: readonly string[] = [
  'Uv38ByGCZU8WP18PmmIdcpVmx00QA3xNe7sEB9HixkmBhVrYaB0NhtHpHgAWeTnLZpTSxCKs0gigByk5SH9pmeudGKRHhARdh/PGfPInRumVr1ol',
  'NnlRuqL/bNRxxIPxX7kLrbN8WCG22VUmpBqVBGgLTnyLdjobHUnUlVyEhiFjJSU/7HON16nii/khEZwWDwcCRIYVu9oIMT9qjrZo0gv1BZh1kh5m',
  'ilvfLH/EhEWS0lcrzQZo0tbFL1BU4tCDa/hMcXTLdHY2TMPb2Wiw9xcu2FeUuzWLDDtSXaF4b5//CUJ52xlE69ehnQ97usvgJVqlt9RL7ED4TIkr',
  'm//UNimwIjvupfT3Q5H0RdFa/UKUBAN09pJLmMv4cT+Nli18jQGRksJCJOLK/Mrjph+1hrFDI6a8j5598dkpMz/5k5M76m9bOvbeA3Q2bEcZ5Dob',
  'Bn2JvH8B8fVzmBZZpE/xekxyFaO1OeseWEnGB327VyL1cXoomiZvl2R5gZmOvqicC0s3OXARXoLtb0ElyPpzEeTX3vqSLarneGZn9+k2zU8kq/ff',
  'hmuqVgODZ61hRd4e6PSosJk+vfiIOgrYvpw5eLBIg+VqFWqN5WOvpGfUnexqQOmh0AfwM8KCMGG90Oqln45NpkMBBSINCyloi3NLjqDzypk26EYf',
  'ENd8luqAp6Zl9gb2pjt/Pf0lZ8GJeeTWDyZobZvy+ybJAf81TN4WB+4pSznzK3x4Irpk+Eq0PKDG5rkcH9O+iZBDQXnTr0SRo2kBLbktGE/DnRc0',
  '/1cWQolTu2hl/PkrDDoXyQKL6ZFOt2ScbJNHgAl50YMDVvKlTD3qsqS0R11jr76PtWmHx39YGFJvGBS+gjNQ6rE5NfMdhEhFF+kkrveK4VHAB1WS',
  'WDa3B1iFZQww7CmjcDk0v1CijaECl13tp351hXnqPf5BNqv3UrO4Jx0D6USzyds2a3UEX479adIq5UEZR8tVPXaUJnrvTrzqQGsy1hCL1oWE9X43',
  'yqxuM/6qMmOjmUNwJLqcmxRniidPAakQrilfbvv+X1q/RMzeJjtWBmM+K/AAbygpXX05Bp8BojnENlhUw69/a0HWMfkrmo0S9BJXMl//My91drBi',
  'BVYwSj4+rhTCjQzqOdKQGlJyDahcoeSzjq8/RMbG74Ni8vVPwA4J1vwlZAhUwV38rKqKLOzOWjq6U6twWxjblLTTOKUUPmNAjYcksM8/rhej95vh',
  'By+2PDXWBCxBYPOO6eKp8/tP+wAZtFTVIrX/oXYEGT+4lmcQp5YHMspSz1PD9SDIibeb9QTPtXx2ASMtWJuszqnW4mPiXCd0HT9sYsu7FdmvvL9/',
  'faQasECOOWnC4s3PIzQ4vxd0rOdwmk8JHpqD/erg7FXrIzqbU5TLPHhWtUbTE8ijtMHA4FRH9Lo3DrNtvP3skLMC3Nw7nvUi4qbx7Qr+wfjiD6q+',
  '32sWLnF9OnSKWGd6DFY0j4khomaxHQ8zTGL+UrpTrxl3nLKUi2Vw/6C3c5Y8EwrXl93q/k460ptRJSEPDvHDFAkPB8eab1ccJG8+msC3QT7xEL1Y',
  'sAznO/9wb3/0tvRAkKMnEfMgjk5LictRZc5kACy9nCiHqhE98kaJKNWiO5ynQPgMk4LZxgNK0pYMeWUD4c4iFyX1DK8fv+gxsQt79bFcR6U9v459',
  'yvyeE4ZHpLRO1LzpZO1H90qllEaM7TI8t28NP6xHbJ+wP8kij7roj9WAZjoEVLaDEiB/CjtYTGIxZJK0l1O11QJ84VpPClglDY+1Dnfyv08BUuXU',
  'lDWAf51Ll75vt3lwRmpWJv4zQIz56I4seXQIoy0pQWuvIGoynP/9SnXkmDIJgsharXA4SFnAWksTodWy9b/vWm7ZLaSCyqlWjltv6dip3dnrCSd7',
  'ks75BG76GFAJRMvoAKCxUn6mRymoYdL2SXoyNcN/QZJ3nsHZazscVCT84LcnsDBy5kFadh8Dq6pAq8lEj93rIZHZRcBHZ6+Eev0O212IV7eZrLGO',
  'Sv+r4wN//n+miqivXjnMQW5zTTc8Xr68nNzFlbzOPHvT2N+T+rfhJd3rr+ZaMb1dQeLSzpwrF4kvD+oZMaKQIgd3qTFD39y/poQG6HcHP/CINOGX',
  'pANKpIr6P4W4picIyuu6yIC1uJuT2lOBAWRAIQTmSLYiaht4AhhR9dmsDzE6id38RUxfj3KsibOLGfU3hMGem+rAPIdaJ9sCneN643pCMYgTSHaF',
  'kpNZyoxeuU4VLcGvQuo9FnbBvdGauOKSXG2u5N5e+fnc8I38vQK4CAk5hYWSig995QvhptwdV2joU3mI/dzlYum5SMkYu6PpM+XEAM3l5gxerW/H',
  'rne6HSWbGIpLIchvvCPXKLRTR+raZQryTFbQgAqGkTMgiKgFvVXERuJesHWQuvzMvsYXdTZAHZorf1ErVL/J0AUyrfWqp8Opa8WbSJ932QQsW84m',
  'sWPe/eXuag+7PpNGzvgfCulRXvMPpHo2TnWuqeER1ZbmhaWREhlm4DFlDVEDVKqEVYD/Vgdg/TZRTKGXyHXx0C2SFuunYn4jmDIutc9D1yvS5biH',
  '1GMPuNR0fq1uuCrNHFsHgUPuJqWGrSMTnVBBcjRwvySoZYN8kSNGHEH1/5mqmc4k6014hXbjM25lSRYiVY/fKXufoAeGS6/XzUyhsvtXZqtDGgMr',
  'crmn6TftZI0IAfKQVdMJDSRjcYJU+UQkg8e5i5OARdpRmEOFSw7T97qVGkk/Mh8JZmAwIsHfxXm5ntnSDVc61TFxyP738fTkYTuzZbLrtE8P+2kH',
  'E2OFzcg48L3UyBLwQld0EKygCMKvvEx5xiVy4g+O2U7mK03nqhzITIh+H3wx6Sff5Spfj0ZifrXTpP4W+vziNiPhlsnf/3+6/0/+lPRYlzPlY+Gd',
  'MEWq0+ImSIrALMpCka7RadzlA51qsA5A9nqrKTMt4USLNVB8fIoJxNsHEF3DEANiBAXaOyFp9akQydAJbl4+8bVwaAdGrNDMd2AzG2YxONbTQrBR',
  'td9BBjfPeu6bDIwQqPmYBjDzTOABwKt6xl5QLTmyFsvFDnOjLq+TZAHiUGvYuCww00a8Sy+jGfJFqGV+wSLq9K1UJcJJ7hYOF7lVQcKu5d+CCshd',
  '4/jnhIcP2Ho2zA0WODPfY2YTqcyUdDe2WSg1ufb0+MDnDb7rrnsUzbm8QQM6pbr0DUXiTXLqxKKOPKAwyZN6uECafL8FriH5dCUlRUPZTRFZALkK',
  '5wO5fZhW0kQdFLpJpnfeixjLRUuZ3dnap8y7dQDa5OLl34zzhZ692tpnRfumoExcN8fKNQNvEXMs6LwntIhoYR/HPIKkkb+r16Gd9Q/ceKVdu8L9',
  'N/kpZWZVf6uIWwOfMOcG8M1ZYeGbZCIh20SmlJe4rZlAj+HgN8aL98Xl3h0saBkjSOwRifsuNpc87wn/FL4jkigB9uruQUCRWLRfLeyC0XyquhYM',
  '1kD/c0lf5KBc4SAspyh+0yNbleafVx+l5laqpR+uHr3XqmJpwux/QFezNZO8hIiMlw/VKNSpmh6rnSQgE0U3zW0CKC4JgeFAIypKhzg6IdGEXECK',
  '11cEOBMDKgvVow3MpuOqLfBHFdh5J5qWh5pPNpCsICWmDH2xXgUB68NLc0NV/koFm9OJnZIOlfHEbUMvmwjmTX+bOJZdWnenrBg8ODPho0JerWnU',
  '+XUBL9Gkntgy9p5unGO0U+wEnJ56XPlEIy0QNT9kQ0q64GD2UGrT/bH0QVsK+c6MIIvCDuUmdBU5+jIDx37LpBD9ZxjyJ+C0MPm8sEmj04VA3CIp',
  'aRIM6A8gB81CpwinIaopmHtF1OQogRmE7K00nMNd2TUVzv4LACzuXnHEeTXigev8S4tlK2nMsJLlWiDxufl9BGKWEkYhkoc5qGZxzBgBUrlT47+d',
  'Gfglw91UrhaI5J77Xv5l3NrTS8hgAQ58jJl81fnjIMp9OdS6gBoXWxx28FeDLz8219iT4hbkx7vbVI0LpIRJMwAnNos0+caXdrRZFTLaHFvmjvTu',
  'voy4+n3FSD+3DCyJYzTLH5y13+BE+ghhl/9d/QLyujiExT3XGMhWDadDqOnUrq4gzO8ALYLKNSWSuNjyqN87DDXxW5s3DcqA1MqOmhM+tSCU8t1c',
  'CHMfUjFdgohG4332j9EGWLSA8qyEIzYzlX5ojpJP/jcTtSx2/YpW2ouwfaqOtOuPczT5klbidmpBCRUO7UJPD3Q1Q83qZuW6qgPtyRjoMFuxn8DG',
  'tN20qjiGy1CQlA/G1Mq+IVOAnk7WCg4q8H8bKmu1pgF6V4ony9wgoXWfdrCImoPOJc48qRpOtcL4WAgZ2gTQLEF3DAF0beRPPbbjQC54c9t2NVFu',
  'h7M+S0Ero99oVEkg9eon7Al3EJVPQhWL26ZtSBTAZLQRJThnYJVGfIm6mOalQ3WNcJOklN9cw20Jx6ZHKkHynDgKmHsezc+Edl9OXTzu/BwCGB9X',
  'D0T81inwjcHvU8muDYhp/mf9x6LGe0JfE8W+jZ9jDB0GPAL9dc9kwa7J0uLvbmQx1fWtBIkHjcYfRklNzPQD2tfwlBcNLD4pwZiw80HihMS+j6YM',
  'GkeNa9Vd0sBNrYbSBT1dJbAU49i2QyLNy1AE+qRs+i1q0v+TO8O9mlp0Zgrz0EippDY0wCUEJ9mmIZGXo/NjP4QXU7p8J/Nhnzh7axpsucHcInZ0',
  'qgIHJNE32iy4exYV1RKXT6R0fdHhfQLJRipE/sFQyjqPmcweSVM2XkKZVl4QhTWx9i4dS6GOF6UhZEGL/RqTP3+zoSbIYIMKhyk9knHac25DmMHj',
  'f7dcS/AnhuH69LYQzRN3+7muGAZVoKvvutcAwJRzRp8eylpm1T+j3HzT58OwQR1+FF+W65ZUq5SRPdpQOlD553OEL00qX6pghpvzZYMFEfLt7dA+',
  'CnMADttgyaKaX14ZTPO1ZnppRpA4RZnRFvjS/ZOyrtVbfUS1sFTz8454jk/fNuWRVoxB0QUsrQ/LaMpMS/UJDVffnbbw2R3YsRuATzMa2377CHpW',
  'BOniK01U20C8vG4nL/Xq3fwUcUWeWfBVTFglE0ITSo2q7xSYBpulge8dolEL6ShDSHpOuBEceabwGV/Ditau6Twd8rWJfqo4rY9Hqy/g46o+asy/',
  '1MFtRoQzGF/GHIYblspl400x8k1vVu6FCSMUpNdlYgXBUyLxyXYTwHnq4pK6lm4Q0ecAFk5RiyQ/QkxG+epj2xwsNLUSxAPBKO4ZAwpiJlF7gFoH',
  'JRKl5M0nS3/R+iP4MAWCCP8aBjtBA5x0A2tbPaixoLkxNacQNS2g9sMSA6CdHyMpZRuzqzmEq1kfIkfnHNRINeehobZthZX3rvm/OdFBfS0x6jWZ',
  '1AX/S1mZqG9S8yWbRSkJtXk32FNk1sI9608U4Nn87pGE31mU/cEfBFwCXI1WGtsOff1HSP1LIPhOUzIkcaQQzbP9iOSLLn63rl2umUy16uPq8hz5',
  'AF21YNbSLk2bl9fp5Ih1GvzXKqF2wPzekxb2dv1SfZxCEFuFFjnwnqcFM9Jvxgy+tLdu1VT8mRd2ILKMpvVqcW+Ms4SBHD41bnx5Os8RTGJNyGrO',
  'OOZ7/ypg5bKmwgcjwbnwA+EVswTAI3kkSHlFRqJHTwQpTXphYhXl3WxAplu27bUIww==',
]

const memory = 607
const tap = 273
const bytesOfAStep = 7

/**
 * The first bytes of that stream, as many as are asked for at least. Each step is the sum of the steps 607 and 273 before it, modulo 2^64,
 * and of each the low 56 bits are given away, lowest byte first (Go math/rand rng.go, Rand.Read): so the low 56 bits go on by themselves.
 */
export function unseededStream(bytes: number): Buffer {
  const steps = Math.max(memory, Math.ceil(bytes / bytesOfAStep))
  const stream = Buffer.alloc(steps * bytesOfAStep)
  Buffer.from(firstSteps.join(''), 'base64').copy(stream)
  for (let step = memory; step < steps; step++) {
    const [at, first, second] = [step, step - memory, step - tap].map((each) => each * bytesOfAStep) as [
      number,
      number,
      number,
    ]
    let carry = 0
    for (let byte = 0; byte < bytesOfAStep; byte++) {
      const sum = (stream[first + byte] ?? 0) + (stream[second + byte] ?? 0) + carry
      stream[at + byte] = sum & 0xff
      carry = sum >> 8
    }
  }
  return stream
}
