import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A certificate with its key, PEM. */
export interface Certificate {
  readonly key: string
  readonly cert: string
}

/** A certificate authority of our own. */
export interface Authority {
  /** File with its certificate, for `NODE_EXTRA_CA_CERTS`. */
  readonly caFile: string
  /** `names` are of the form `DNS:tracker.test` or `IP:127.0.0.1`. Days below 0 have ended already. */
  readonly issue: (names: string, days?: number) => Certificate
  /** Not yet valid: begins at noon of the given day, `YYMMDD`. */
  readonly issueFrom: (names: string, day: string) => Certificate
  readonly selfSigned: (names: string) => Certificate
  /** By an authority of which ours vouches. `cert` is that of the server alone, `chain` has both. */
  readonly issueThrough: (names: string) => Certificate & { readonly chain: string }
  readonly remove: () => void
}

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']

/** Made by the openssl command line; it has to be installed. */
export function createAuthority(): Authority {
  const folder = mkdtempSync(join(tmpdir(), 'trackerwatch-tls-'))
  let serial = 0
  const openssl = (...args: readonly string[]): void => {
    execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
  }
  const pair = (name: string): Certificate => ({
    key: readFileSync(join(folder, `${name}.key`), 'utf8'),
    cert: readFileSync(join(folder, `${name}.pem`), 'utf8'),
  })
  const request = (names: string): string => {
    const name = `leaf${++serial}`
    writeFileSync(join(folder, `${name}.ext`), `subjectAltName=${names}\nbasicConstraints=CA:FALSE\n`)
    openssl('req', ...KEY, '-keyout', `${name}.key`, '-subj', '/CN=tracker', '-out', `${name}.csr`)
    return name
  }
  openssl('req', '-x509', ...KEY, '-keyout', 'ca.key', '-subj', '/CN=Test CA', '-days', '30', '-out', 'ca.pem')
  return {
    caFile: join(folder, 'ca.pem'),
    issue: (names, days = 365) => {
      const name = request(names)
      const by = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-set_serial', `${serial}`, '-extfile', `${name}.ext`]
      openssl('x509', '-req', '-in', `${name}.csr`, ...by, '-days', `${days}`, '-out', `${name}.pem`)
      return pair(name)
    },
    issueFrom: (names, day) => {
      const name = request(names)
      writeFileSync(join(folder, `${name}.txt`), '')
      const base = ['database', 'serial', 'new_certs_dir', 'default_md', 'policy']
      const values = [`${name}.txt`, `${name}.srl`, '.', 'sha256', 'any']
      const lines = base.map((key, index) => `${key}=${values[index]}`).join('\n')
      writeFileSync(join(folder, `${name}.cnf`), `[ca]\ndefault_ca=own\n[own]\n${lines}\n[any]\ncommonName=supplied\n`)
      const dates = ['-startdate', `${day}120000Z`, '-enddate', `${Number(day.slice(0, 2)) + 1}${day.slice(2)}120000Z`]
      const by = ['-config', `${name}.cnf`, '-cert', 'ca.pem', '-keyfile', 'ca.key', '-extfile', `${name}.ext`]
      openssl('ca', '-batch', '-notext', '-rand_serial', ...by, ...dates, '-in', `${name}.csr`, '-out', `${name}.pem`)
      return pair(name)
    },
    selfSigned: (names) => {
      const name = `self${++serial}`
      const subject = ['-subj', '/CN=tracker', '-addext', `subjectAltName=${names}`, '-days', '30']
      openssl('req', '-x509', ...KEY, '-keyout', `${name}.key`, ...subject, '-out', `${name}.pem`)
      return pair(name)
    },
    issueThrough: (names) => {
      const between = `between${++serial}`
      writeFileSync(join(folder, `${between}.ext`), 'basicConstraints=critical,CA:TRUE\n')
      openssl('req', ...KEY, '-keyout', `${between}.key`, '-subj', `/CN=${between}`, '-out', `${between}.csr`)
      const byOurs = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-set_serial', `${serial}`, '-extfile', `${between}.ext`]
      openssl('x509', '-req', '-in', `${between}.csr`, ...byOurs, '-days', '30', '-out', `${between}.pem`)
      const name = request(names)
      const by = ['-CA', `${between}.pem`, '-CAkey', `${between}.key`, '-set_serial', `${serial}`]
      const own = ['-extfile', `${name}.ext`, '-days', '30', '-out', `${name}.pem`]
      openssl('x509', '-req', '-in', `${name}.csr`, ...by, ...own)
      return { ...pair(name), chain: pair(name).cert + pair(between).cert }
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
