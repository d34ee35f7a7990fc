import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { ConfigError } from '../../src/config/config-error.ts'
import { findSecretWeakness } from '../../src/config/find-secret-weakness.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { CONTRACT_NAMES } from '../../src/contracts/index.ts'
import { startTestApp } from '../kit/start-test-app.ts'
import { ROOT, readDockerfile, readDrainSeconds, readManifest, readText, type Yaml } from './files.ts'
import { loadAsMounted } from './settings.ts'

const DEPLOYMENT = readManifest('deployment.yaml').spec
const JOB = readManifest('migrate-job.yaml').spec
const SETTINGS = readManifest('settings.yaml').data
const PODS: readonly Yaml[] = [DEPLOYMENT.template.spec, JOB.template.spec]
const SERVER = DEPLOYMENT.template.spec.containers[0]
const LABELS = DEPLOYMENT.template.metadata.labels

describe('the manifests', () => {
  it('are all in the kustomization, but for the example of a secret', () => {
    const { resources, namespace } = readManifest('kustomization.yaml')
    const files = readdirSync(join(ROOT, 'deploy/kubernetes')).sort()
    assert.deepEqual(files, [...resources, 'kustomization.yaml', 'secret.example.yaml'].sort())
    for (const file of files.filter((name) => !/^(kustomization|namespace)/.test(name))) {
      assert.equal(readManifest(file).metadata.namespace, namespace, file)
    }
  })

  it('are put together by kubectl, with the image of the registry', (t) => {
    const folder = join(ROOT, 'deploy/kubernetes')
    const { status, stdout, stderr, error } = spawnSync('kubectl', ['kustomize', folder], { encoding: 'utf8' })
    if (error !== undefined) return t.skip('kubectl is not on the PATH')
    assert.equal(status, 0, stderr)
    const [image] = readManifest('kustomization.yaml').images
    const images = [...stdout.matchAll(/^\s*(?:- )?image: (.*)$/gm)].map(([, name]) => name)
    assert.deepEqual(images, new Array(PODS.length).fill(`${image.newName}:${image.newTag}`))
    // 0440, as Kubernetes reads it.
    assert.match(stdout, /defaultMode: 288\n/)
  })

  it('run the version that is here, the job by the same tag as the deployment', () => {
    const { images } = readManifest('kustomization.yaml')
    assert.equal(images.length, 1)
    for (const { containers } of PODS) assert.equal(containers[0].image, images[0].name)
    assert.equal(images[0].newTag, JSON.parse(readText('server/package.json')).version)
  })

  it('let the job be applied by itself, by its label', () => {
    const [, label = '', value] = /-l (\S+)=(\S+)/.exec(readText('deploy/kubernetes/migrate-job.yaml')) ?? []
    const { resources } = readManifest('kustomization.yaml')
    const chosen = resources.filter((file: string) => readManifest(file).metadata.labels?.[label] === value)
    assert.deepEqual(chosen, ['migrate-job.yaml'])
  })

  it('keep to Kubernetes’ strictest standard for pods, and cannot write to themselves', () => {
    assert.equal(readManifest('namespace.yaml').metadata.labels['pod-security.kubernetes.io/enforce'], 'restricted')
    const user = Number(
      readDockerfile()
        .find(({ name }) => name === 'USER')
        ?.rest.split(':')[0],
    )
    for (const { securityContext, containers, automountServiceAccountToken } of PODS) {
      assert.deepEqual(securityContext, {
        runAsNonRoot: true,
        runAsUser: user,
        runAsGroup: user,
        fsGroup: user,
        seccompProfile: { type: 'RuntimeDefault' },
      })
      assert.equal(automountServiceAccountToken, false)
      for (const container of containers) {
        assert.deepEqual(container.securityContext, {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        })
      }
    }
  })

  it('give Latchkey settings that it starts with, in the server as in the job', () => {
    const config = loadAsMounted(SETTINGS)
    assert.equal(config.migrate, 'manual')
    assert.equal(config.host, '0.0.0.0')
    assert.match(config.databaseUrl, /sslmode=verify-full/)
    for (const { containers } of PODS) assert.deepEqual(containers[0].envFrom, [{ configMapRef: { name: 'latchkey' } }])
    assert.deepEqual(
      PODS.map(({ containers }) => containers[0].args),
      [['serve'], ['migrate']],
    )
  })

  it('keep out the variables of service links, with which Latchkey would not start', () => {
    const env = { LATCHKEY_SERVICE_HOST: '10.96.0.7', LATCHKEY_PORT: 'tcp://10.96.0.7:80' }
    assert.throws(() => loadConfig({ env, contractNames: CONTRACT_NAMES }), ConfigError)
    for (const { enableServiceLinks } of PODS) assert.equal(enableServiceLinks, false)
  })

  it('look for secrets and certificates where they are mounted', () => {
    const authority = /sslrootcert=([^&]+)/.exec(SETTINGS.DATABASE_URL)?.[1] ?? ''
    const paths = [SETTINGS.LATCHKEY_SECRET_FILE, SETTINGS.LATCHKEY_DATABASE_PASSWORD_FILE, authority]
    const keys = Object.keys(readManifest('secret.example.yaml').stringData)
    for (const { containers, volumes } of PODS) {
      const mounts: { name: string; mountPath: string; readOnly: boolean }[] = containers[0].volumeMounts
      assert.ok(mounts.every(({ readOnly }) => readOnly))
      assert.deepEqual(
        mounts.map(({ name }) => name),
        volumes.map(({ name }: Yaml) => name),
      )
      const [secrets, database] = mounts.map(({ mountPath }) => mountPath)
      assert.deepEqual(paths, [...keys.map((key) => `${secrets}/${key}`), `${database}/ca.crt`])
      assert.equal(volumes[0].secret.defaultMode, 0o440)
    }
  })

  it('have no real secret: the example is one that Latchkey refuses', () => {
    const { stringData } = readManifest('secret.example.yaml')
    assert.match(findSecretWeakness(stringData.secret) ?? '', /placeholder/)
  })

  it('ask paths that answer, on the port that is listened on', async (t) => {
    const { app, close } = await startTestApp()
    t.after(close)
    const probes = [SERVER.startupProbe, SERVER.readinessProbe, SERVER.livenessProbe]
    assert.deepEqual(
      probes.map(({ httpGet }) => httpGet.path),
      ['/healthz', '/readyz', '/healthz'],
    )
    for (const { httpGet } of probes) {
      assert.equal((await app.inject({ url: httpGet.path })).statusCode, 200)
      assert.equal(httpGet.port, SERVER.ports[0].name)
    }
    const port = Number(SETTINGS.PORT)
    assert.equal(SERVER.ports[0].containerPort, port)
    assert.equal(port, Number(readDockerfile().find(({ name }) => name === 'EXPOSE')?.rest))
    assert.equal(readManifest('service.yaml').spec.ports[0].targetPort, SERVER.ports[0].name)
    assert.equal(readManifest('network-policy.yaml').spec.ingress[0].ports[0].port, port)
  })

  it('give a pod that is to go longer than it takes to be forgotten and to drain', () => {
    const [command, seconds] = SERVER.lifecycle.preStop.exec.command
    assert.equal(command, 'sleep')
    assert.ok(DEPLOYMENT.template.spec.terminationGracePeriodSeconds >= Number(seconds) + readDrainSeconds() + 5)
  })

  it('give whole processors, and memory for a hash on each', () => {
    for (const { containers } of PODS) {
      const { cpu, memory } = containers[0].resources.limits
      assert.match(cpu, /^\d+$/)
      const [, mebibytes] = /^(\d+)Mi$/.exec(memory) ?? []
      assert.ok(Number(mebibytes) >= 256 + 32 * Number(cpu))
    }
  })

  it('always leave one that serves', () => {
    assert.ok(DEPLOYMENT.replicas >= 2)
    assert.deepEqual(DEPLOYMENT.strategy.rollingUpdate, { maxUnavailable: 0, maxSurge: 1 })
    const budget = readManifest('disruption-budget.yaml').spec
    assert.equal(budget.maxUnavailable, 1)
    const [spread] = DEPLOYMENT.template.spec.topologySpreadConstraints
    const selectors = [budget.selector, spread.labelSelector, DEPLOYMENT.selector]
    for (const { matchLabels } of selectors) assert.deepEqual(matchLabels, LABELS)
    assert.deepEqual(readManifest('service.yaml').spec.selector, LABELS)
  })

  it('let in the ingress controller alone, and out to DNS and PostgreSQL alone', () => {
    const { podSelector, policyTypes, ingress, egress } = readManifest('network-policy.yaml').spec
    assert.deepEqual(policyTypes, ['Ingress', 'Egress'])
    for (const { metadata } of [DEPLOYMENT.template, JOB.template]) {
      for (const [name, value] of Object.entries(podSelector.matchLabels)) assert.equal(metadata.labels[name], value)
    }
    assert.equal(ingress.length, 1)
    assert.deepEqual(
      egress.map(({ ports }: Yaml) => ports[0].port),
      [53, 5432],
    )
    for (const { from = [], to = [] } of [...ingress, ...egress]) {
      for (const peer of [...from, ...to]) assert.ok(Object.keys(peer.namespaceSelector.matchLabels).length > 0)
    }
  })
})
