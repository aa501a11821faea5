/** What the reference page shows; a test reads it as the portal does. */
export const exampleConfig = `# Endstation at a facility: behind a proxy that ends TLS, people of the institute's identity provider.
listen: { host: 127.0.0.1, port: 8080 }
publicUrl: https://analysis.example.org
sessionsDomain: sessions.example.net     # *.sessions.example.net comes here too; best a domain of its own
trustedProxies: [127.0.0.1, "::1"]
stateFolder: /srv/endstation

identity:
  issuer: https://login.example.org/realms/facility
  clientId: endstation
  clientSecretFile: /etc/endstation/client-secret
  roles: { admin: [it-operations], support: [user-office] }

catalogues:
  - { name: archive, type: folder, file: /data/archive/facility.yaml }

compute:
  - { name: local, type: local, isolation: sandbox, maxMemoryMiB: 65536 }

storage: { homes: /srv/homes, results: /srv/results }

flavours:
  - { name: small, title: Small, cpus: 2, memoryMiB: 4096 }
  - { name: large, title: Large, cpus: 8, memoryMiB: 32768 }

limits: { sessionsPerPerson: 3, lifetimeHours: 12, idleHours: 4 }
`;
