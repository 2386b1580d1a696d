import type { Issuer } from '../issuance/issuer.ts'
import type { pairMaker } from './pairMaker.ts'
import { serverAsk, type CertificateStep, type ServedCertificate } from './servedCertificate.ts'

type ElsewhereStep = Exclude<CertificateStep['do'], 'createAuthority' | 'issueServerCertificate'>

/** Carries out what concerns an issuer elsewhere. The request goes last: whoever dies before finds the answer again. */
export async function actElsewhere(
  issuer: Issuer,
  make: Pick<ReturnType<typeof pairMaker>, 'recordAuthority' | 'takeServerCertificate'>,
  step: ElsewhereStep,
  observed: ServedCertificate,
): Promise<void> {
  const { keyServer, serverCertificate, issuance } = observed
  const ask = serverAsk(observed)
  if (!ask) return
  switch (step) {
    case 'requestServerCertificate':
      return issuer.request(ask)
    case 'dropServerRequest':
      return issuer.drop(ask)
    case 'recordAuthority':
      if (issuance.is === 'issued') await make.recordAuthority(keyServer, issuance.chain.authorityPem)
      return
    case 'takeServerCertificate':
      if (issuance.is !== 'issued') return
      await make.takeServerCertificate(keyServer, serverCertificate, issuance.chain.certificatePem)
      return issuer.drop(ask)
  }
}
