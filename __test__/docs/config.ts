import { spawnSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadAll } from 'js-yaml'

/** What is wrong with a configuration; `skipped` says why nobody has looked. */
export interface Verdict {
  readonly problems: readonly string[]
  readonly skipped?: string
}

/** Looks at a configuration in its language; files are made in `folder`. */
export type Check = (code: string, folder: string) => Verdict

/** How a configuration is checked, by the language of its block. */
export const CONFIGURATIONS: Readonly<Record<string, Check>> = {
  json: (code) => parsed(() => JSON.parse(code)),
  yaml: (code) => parsed(() => checkObjects(loadAll(code))),
  dockerfile: (code) => ({ problems: problemsOfDockerfile(code) }),
  nginx: checkNginx,
  haproxy: checkHaproxy,
}

function parsed(parse: () => unknown): Verdict {
  try {
    parse()
    return { problems: [] }
  } catch (error) {
    return { problems: [(error as Error).message] }
  }
}

/** Kinds of objects by the API that has them; those that the pages may show. */
const KINDS: Readonly<Record<string, readonly string[]>> = {
  v1: ['ConfigMap', 'Pod', 'Secret', 'Service'],
  'apps/v1': ['DaemonSet', 'Deployment', 'StatefulSet'],
  'autoscaling/v2': ['HorizontalPodAutoscaler'],
  'networking.k8s.io/v1': ['Ingress', 'NetworkPolicy'],
  'policy/v1': ['PodDisruptionBudget'],
}

/** What Kubernetes is told is made of objects that say what they are. */
function checkObjects(documents: readonly unknown[]): void {
  if (documents.length === 0) throw new Error('there is nothing in it')
  for (const document of documents) {
    if (typeof document !== 'object' || document === null) throw new Error('this is no object')
    if (!('apiVersion' in document || 'kind' in document)) continue
    const { apiVersion, kind } = document as { apiVersion?: unknown; kind?: unknown }
    if (KINDS[String(apiVersion)]?.includes(String(kind)) !== true)
      throw new Error(`nobody knows the kind ${String(kind)} of ${String(apiVersion)}`)
  }
}

const INSTRUCTION =
  /^(ADD|ARG|CMD|COPY|ENTRYPOINT|ENV|EXPOSE|FROM|HEALTHCHECK|LABEL|RUN|SHELL|STOPSIGNAL|USER|VOLUME|WORKDIR) \S/

function problemsOfDockerfile(code: string): string[] {
  const lines = code
    .replaceAll('\\\n', ' ')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
  const unknown = lines.filter((line) => !INSTRUCTION.test(line))
  if (!/^(FROM|ARG) /.test(lines[0] ?? '')) unknown.unshift('it does not begin with FROM')
  // An array that is not JSON is run as a command by a shell.
  const broken = lines.filter((line) => {
    const array = /^(?:CMD|ENTRYPOINT) (\[.*)$/.exec(line)?.[1]
    return array !== undefined && parsed(() => JSON.parse(array)).problems.length > 0
  })
  return [...unknown, ...broken]
}

/** `nginx -t`, with sockets, certificates and folders of its own. */
function checkNginx(code: string, folder: string): Verdict {
  if (spawnSync('nginx', ['-v']).error !== undefined) return left('nginx')
  const at = mkdtempSync(join(folder, 'nginx-'))
  let sockets = 0
  const own = code
    .replaceAll(/^(\s*listen )[^\s;]+/gm, (_, listen: string) => `${listen}unix:${at}/${sockets++}`)
    .replaceAll(/^(\s*ssl_certificate(?:_key)? )[^\s;]+/gm, `$1${at}/both.pem`)
  if (own.includes('both.pem') && !certify(at)) return left('openssl')
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${at}/${name};`)
    .join('\n')
  writeFileSync(
    join(at, 'conf'),
    `pid ${at}/pid;\nevents {}\nhttp {\naccess_log off;\n${temporary}\n${own}\n}\n`,
  )
  return told(
    spawnSync('nginx', ['-t', '-e', 'stderr', '-c', join(at, 'conf')], { encoding: 'utf8' }),
  )
}

/** `haproxy -c`. */
function checkHaproxy(code: string, folder: string): Verdict {
  if (spawnSync('haproxy', ['-v']).error !== undefined) return left('haproxy')
  const at = mkdtempSync(join(folder, 'haproxy-'))
  const own = code.replaceAll(/ crt \S+/g, ` crt ${at}/both.pem`)
  if (own !== code && !certify(at)) return left('openssl')
  writeFileSync(join(at, 'conf'), `${own}\n`)
  return told(spawnSync('haproxy', ['-c', '-f', join(at, 'conf')], { encoding: 'utf8' }))
}

function left(program: string): Verdict {
  return { problems: [], skipped: `there is no ${program} here` }
}

function told({ status, stdout, stderr }: ReturnType<typeof spawnSync>): Verdict {
  return { problems: status === 0 ? [] : [`${String(stdout)}${String(stderr)}`] }
}

/** Makes `both.pem`, a key and its certificate; says whether it could. */
function certify(at: string): boolean {
  const file = join(at, 'both.pem')
  const key = ['-newkey', 'rsa:2048', '-nodes', '-keyout', `${file}.key`, '-subj', '/CN=localhost']
  const made = spawnSync('openssl', ['req', '-x509', ...key, '-out', `${file}.crt`])
  if (made.status !== 0) return false
  const parts = spawnSync('cat', [`${file}.key`, `${file}.crt`])
  writeFileSync(file, parts.stdout)
  return true
}
