/**
 * Certificates (PEM) to trust besides the usual ones, from then on in the whole process: neither fetch nor an SDK
 * takes any of its own.
 */
export function trustCertificates(pem: string): void {
  const { getCACertificates, setDefaultCACertificates } = process.getBuiltinModule('node:tls');
  setDefaultCACertificates([...getCACertificates('default'), pem]);
}
