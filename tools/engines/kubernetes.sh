#!/usr/bin/env bash
# A real Kubernetes of one node: etcd and the components, built once out of the Go modules beside this file; containerd,
# runc and the network plugins are Debian's. What it has not: see docs/engines.md.
name=kubernetes
. "$(dirname "$0")/lib.sh"
daemons=(kubelet kube-proxy kube-scheduler kube-controller-manager dns kube-apiserver etcd containerd)
sources=$here/kubernetes
version=$(awk '$1 == "k8s.io/kubernetes" {print $2}' "$sources/go.mod")
helm_version=v3.19.0
programs=$engines/kubernetes-$version-$(cd "$sources" && cat go.* ./*.go dns/* | sha256sum | cut -c 1-8)
node=testnode
node_address=10.96.255.1 # on the loopback interface: the kubelet takes no 127.0.0.1
port=16443
pods=10.98.0.0/24 services=10.97.0.0/16 first_service=10.97.0.1
bridge=endstation-pods
cgroup=/engine-kubernetes
socket=$folder/containerd.sock
keys=$folder/keys
# One rule for all pods, not two for each as the bridge plugin would make.
masquerade=(POSTROUTING -t nat -s "$pods" '!' -d "$pods" -m comment --comment "$bridge" -j MASQUERADE)
# Without the second kubectl keeps a cache where it stands when there is no HOME.
export KUBECONFIG=$folder/admin.kubeconfig KUBECACHEDIR=$folder/kubectl-cache

version() { echo "$version"; }
address() { echo "https://$node_address:$port"; }

prepare() {
  packages containerd runc containernetworking-plugins iptables iproute2 conntrack openssl busybox-static mmdebstrap curl jq
  if [ ! -d "$programs" ]; then step "Kubernetes $version (once for each version, about 10 minutes)" build; fi
  "$here/registry.sh" up >/dev/null
  images=$(node "$here/../../bootstrap/run.mjs" tools/images/environments.ts "$registry" nexus)
  mkdir -p "$folder/log"
  make_keys
  configure
}

build() {
  command -v go >/dev/null || fail "needs Go 1.21 or newer on the PATH to be built"
  local go=$engines/go partial=$programs.partial p=k8s.io/component-base/version minor=${version#v1.} flags
  flags="-s -w -X $p.gitVersion=$version -X $p.gitMajor=1 -X $p.gitMinor=${minor%%.*} -X $p.gitTreeState=clean"
  (
    export HOME=$go GOPATH=$go GOCACHE=$go/cache GOBIN=$partial GOTOOLCHAIN=auto CGO_ENABLED=0
    export GOFLAGS="-trimpath -modcacherw -buildvcs=false"
    cd "$sources"
    nice -n 10 go build -ldflags "$flags" -o "$partial/components" .
    cd dns
    nice -n 10 go build -ldflags "-s -w" -o "$partial/dns" .
    nice -n 10 go install -ldflags "-s -w -X helm.sh/helm/v3/internal/version.version=$helm_version" \
      "helm.sh/helm/v3/cmd/helm@$helm_version"
  ) >"$engines/kubernetes-build.log" 2>&1 || { tail -n 20 "$engines/kubernetes-build.log" >&2; return 1; }
  local component
  for component in etcd kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy kubectl; do
    ln -sf components "$partial/$component"
  done
  mv "$partial" "$programs"
  rm -rf "$go" "$engines/kubernetes-build.log" # caches of 4 GB
}

key() { openssl ecparam -name prime256v1 -genkey -noout -out "$keys/$1.key"; }
certificate() { # FILE NAME GROUP [ALTERNATIVE NAMES]
  key "$1"
  openssl req -new -key "$keys/$1.key" -subj "/O=$3/CN=$2" |
    openssl x509 -req -CA "$keys/ca.crt" -CAkey "$keys/ca.key" -CAcreateserial -days 3650 -out "$keys/$1.crt" -extfile <(
      echo "keyUsage=critical,digitalSignature"
      echo "extendedKeyUsage=clientAuth,serverAuth"
      if [ -n "${4:-}" ]; then echo "subjectAltName=$4"; fi
    ) 2>/dev/null
}
make_keys() {
  if [ -f "$keys/complete" ]; then return; fi
  install -d -m 700 "$keys"
  key ca
  openssl req -x509 -new -key "$keys/ca.key" -subj /CN=endstation-test -days 3650 -out "$keys/ca.crt" \
    -addext keyUsage=critical,keyCertSign,digitalSignature,cRLSign
  key service-accounts
  local in_cluster=DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:kubernetes.default.svc.cluster.local
  certificate apiserver kube-apiserver endstation "IP:127.0.0.1,IP:$node_address,IP:$first_service,DNS:localhost,$in_cluster"
  certificate admin admin system:masters
  certificate controller-manager system:kube-controller-manager endstation
  certificate scheduler system:kube-scheduler endstation
  certificate proxy system:kube-proxy endstation
  certificate kubelet "system:node:$node" system:nodes "IP:$node_address,DNS:$node"
  touch "$keys/complete"
}

kubeconfig() { # NAME
  cat >"$folder/$1.kubeconfig" <<C
apiVersion: v1
kind: Config
current-context: default
clusters: [{name: default, cluster: {server: "https://$node_address:$port", certificate-authority-data: $(base64 -w0 "$keys/ca.crt")}}]
users: [{name: default, user: {client-certificate-data: $(base64 -w0 "$keys/$1.crt"), client-key-data: $(base64 -w0 "$keys/$1.key")}}]
contexts: [{name: default, context: {cluster: default, user: default}}]
C
  chmod 600 "$folder/$1.kubeconfig"
}

configure() {
  local who
  for who in admin controller-manager scheduler kubelet proxy; do kubeconfig "$who"; done
  # Every image comes from the registry of this machine, or is not found at once; none is asked for elsewhere.
  mkdir -p "$folder/network" "$folder/registries/_default"
  printf 'server = "http://%s"\n[host."http://%s"]\n  capabilities = ["pull", "resolve"]\n' "$registry" "$registry" \
    >"$folder/registries/_default/hosts.toml"
  containerd_configuration >"$folder/containerd.toml"
  kubelet_configuration >"$folder/kubelet.yaml"
  : >"$folder/resolv.conf"
  cat >"$folder/network/10-bridge.conflist" <<C
{"cniVersion": "0.4.0", "name": "endstation", "plugins": [
  {"type": "bridge", "bridge": "$bridge", "isGateway": true, "ipMasq": false, "hairpinMode": true,
   "ipam": {"type": "host-local", "dataDir": "$folder/addresses", "ranges": [[{"subnet": "$pods"}]], "routes": [{"dst": "0.0.0.0/0"}]}},
  {"type": "portmap", "capabilities": {"portMappings": true}}]}
C
  cat >"$folder/Corefile" <<C
.:53 {
  bind $node_address
  errors
  kubernetes cluster.local in-addr.arpa {
    kubeconfig $KUBECONFIG default
    pods insecure
  }
}
C
}
containerd_configuration() {
  local plugin=io.containerd.grpc.v1.cri
  cat <<C
version = 2
root = "$folder/containerd"
state = "$folder/containerd-state"
oom_score = 0
disabled_plugins = ["io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs",
  "io.containerd.internal.v1.tracing", "io.containerd.tracing.processor.v1.otlp"]
[grpc]
  address = "$socket"
[plugins."$plugin"]
  sandbox_image = "$(jq -r .pause <<<"$images")"
  restrict_oom_score_adj = true # negative scores are refused without CAP_SYS_RESOURCE
  disable_apparmor = true
  netns_mounts_under_state_dir = true
  stream_server_address = "127.0.0.1"
  [plugins."$plugin".registry]
    config_path = "$folder/registries"
  [plugins."$plugin".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "$folder/network"
  [plugins."$plugin".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."$plugin".containerd.runtimes.runc.options]
      SystemdCgroup = false
C
}
kubelet_configuration() {
  cat <<C
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
address: $node_address
healthzBindAddress: $node_address
failCgroupV1: false
cgroupDriver: cgroupfs
cgroupRoot: $cgroup
failSwapOn: false
makeIPTablesUtilChains: false
oomScoreAdj: 0
containerRuntimeEndpoint: unix://$socket
podLogsDir: $folder/pod-logs
resolvConf: $folder/resolv.conf
clusterDomain: cluster.local
clusterDNS: [$node_address]
authentication: {anonymous: {enabled: false}, webhook: {enabled: true}, x509: {clientCAFile: $keys/ca.crt}}
authorization: {mode: Webhook}
tlsCertFile: $keys/kubelet.crt
tlsPrivateKeyFile: $keys/kubelet.key
serializeImagePulls: false
imageGCHighThresholdPercent: 100 # never: tests want their images without a wait
evictionHard: {memory.available: 100Mi, nodefs.available: "1%", imagefs.available: "1%", nodefs.inodesFree: "1%", imagefs.inodesFree: "1%"}
evictionPressureTransitionPeriod: 10s
nodeStatusUpdateFrequency: 5s
C
}

start() {
  "$here/registry.sh" revive >/dev/null
  prepare_machine
  daemon containerd containerd -c "$folder/containerd.toml"
  daemon etcd "$programs/etcd" --data-dir "$folder/etcd" --unsafe-no-fsync --log-level warn \
    --listen-client-urls http://127.0.0.1:12379 --advertise-client-urls http://127.0.0.1:12379 \
    --listen-peer-urls http://127.0.0.1:12380 --initial-advertise-peer-urls http://127.0.0.1:12380 \
    --initial-cluster default=http://127.0.0.1:12380
  daemon kube-apiserver "$programs/kube-apiserver" --etcd-servers http://127.0.0.1:12379 --profiling=false \
    --bind-address "$node_address" --advertise-address "$node_address" --secure-port "$port" \
    --tls-cert-file "$keys/apiserver.crt" --tls-private-key-file "$keys/apiserver.key" --client-ca-file "$keys/ca.crt" \
    --kubelet-client-certificate "$keys/admin.crt" --kubelet-client-key "$keys/admin.key" \
    --kubelet-certificate-authority "$keys/ca.crt" --kubelet-preferred-address-types InternalIP \
    --service-cluster-ip-range "$services" --allow-privileged=true \
    --service-account-issuer https://kubernetes.default.svc --service-account-key-file "$keys/service-accounts.key" \
    --service-account-signing-key-file "$keys/service-accounts.key" \
    --authorization-mode Node,RBAC --enable-admission-plugins NodeRestriction
  wait_for 60 "containerd" containers version
  wait_for 120 "the API server" "$programs/kubectl" get --raw /readyz
  controller kube-controller-manager controller-manager 12257 --use-service-account-credentials=true \
    --service-account-private-key-file "$keys/service-accounts.key" --root-ca-file "$keys/ca.crt" \
    --cluster-signing-cert-file "$keys/ca.crt" --cluster-signing-key-file "$keys/ca.key"
  controller kube-scheduler scheduler 12259
  daemon kubelet "$programs/kubelet" --config "$folder/kubelet.yaml" --kubeconfig "$folder/kubelet.kubeconfig" \
    --root-dir "$folder/kubelet" --cert-dir "$folder/kubelet-certificates" \
    --hostname-override "$node" --node-ip "$node_address"
  daemon kube-proxy "$programs/kube-proxy" --kubeconfig "$folder/proxy.kubeconfig" --hostname-override "$node" \
    --cluster-cidr "$pods" --proxy-mode iptables --conntrack-max-per-core 0 --conntrack-tcp-timeout-established 0 \
    --conntrack-tcp-timeout-close-wait 0 --healthz-bind-address 127.0.0.1:12256 --metrics-bind-address 127.0.0.1:12249
  daemon dns "$programs/dns" -conf "$folder/Corefile"
  wait_for 60 "the kubelet" curl -sf "http://$node_address:10248/healthz"
  wait_for 120 "the node" "$programs/kubectl" wait --for=condition=Ready "node/$node" --timeout=1s
  wait_for 60 "the default service account" "$programs/kubectl" get serviceaccount default
}
controller() { # DAEMON WHO PORT FLAG…
  local daemon=$1 config=$folder/$2.kubeconfig own_port=$3; shift 3
  # With the usual number of requests per second a start takes twice as long.
  daemon "$daemon" "$programs/$daemon" --kubeconfig "$config" --authentication-kubeconfig "$config" \
    --authorization-kubeconfig "$config" --bind-address 127.0.0.1 --secure-port "$own_port" --leader-elect=false \
    --kube-api-qps 500 --kube-api-burst 1000 --profiling=false "$@"
}
containers() { ctr -a "$socket" -n k8s.io "$@"; }

prepare_machine() {
  # Pods come and go; a browser on this machine takes each address of theirs for a change of its network and drops what it loads.
  echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6
  ip addr replace "$node_address/32" dev lo
  local controller file
  for controller in /sys/fs/cgroup/*/; do
    case $controller in */unified/) ;; *) mkdir -p "$controller$cgroup" ;; esac
  done
  for file in cpuset.cpus cpuset.mems; do cat "/sys/fs/cgroup/cpuset/$file" >"/sys/fs/cgroup/cpuset$cgroup/$file"; done
  iptables -C "${masquerade[@]}" 2>/dev/null || iptables -A "${masquerade[@]}"
  local direction # another Docker engine of this machine lets nothing through that is not its own
  for direction in -i -o; do
    iptables -C FORWARD "$direction" "$bridge" -j ACCEPT 2>/dev/null || iptables -A FORWARD "$direction" "$bridge" -j ACCEPT
  done
}

settings() {
  local missing
  mapfile -t missing < <(comm -23 <(jq -r '.images[], .tiny, .pause' <<<"$images" | sort) <(containers images ls -q | sort))
  if [ ${#missing[@]} -gt 0 ]; then step "Pulling images" pull "${missing[@]}"; fi
  jq --arg kubeconfig "$KUBECONFIG" --arg programs "$programs" --arg node "$node" --arg address "$node_address" \
    --arg script "$script" '{name: "kubernetes", kubeconfig: $kubeconfig, kubectl: "\($programs)/kubectl",
      helm: "\($programs)/helm", nodeName: $node, nodeAddress: $address, hostAddress: $address, images, tiny,
      script: $script}' <<<"$images"
}
pull() { local image; for image in "$@"; do containers images pull --hosts-dir "$folder/registries" "$image" >/dev/null; done; }

# All state goes, so nothing but containerd is worth a gentle end; the API server's takes over 10 s.
end_sessions() {
  local each
  for each in "${daemons[@]}"; do if [ "$each" != containerd ]; then stop_daemon "$each" KILL; fi; done
  if ! alive containerd; then return; fi
  for each in $(containers tasks ls -q); do containers tasks kill -s KILL -a "$each" 2>/dev/null || true; done
  for each in $(containers tasks ls -q); do containers tasks rm -f "$each" >/dev/null 2>&1 || true; done
  for each in $(containers containers ls -q); do containers containers rm "$each" >/dev/null 2>&1 || true; done
}
forget() {
  xargs -r kill -9 < <(find "/sys/fs/cgroup/pids$cgroup" -name cgroup.procs -exec cat {} + 2>/dev/null || true) 2>/dev/null || true
  awk -v below="$folder/" 'index($2, below) == 1 {print $2}' /proc/mounts | sort -r | xargs -r -n1 umount -l
  clean_network
  local controller
  for controller in /sys/fs/cgroup/*/; do
    find "$controller$cgroup" -depth -type d -exec rmdir {} + 2>/dev/null || true
  done
  # Images stay for the next time.
  rm -rf "$folder"/{etcd,kubelet,kubelet-certificates,pod-logs,addresses,containerd-state,kubectl-cache,log}
  "$here/registry.sh" release
}
clean_network() {
  if iptables -S 2>/dev/null | grep KUBE- >/dev/null; then
    "$programs/kube-proxy" --cleanup --hostname-override "$node" >/dev/null 2>&1 || true
  fi
  local direction chain # what that leaves
  for chain in INPUT OUTPUT; do iptables -D "$chain" -j KUBE-FIREWALL 2>/dev/null || true; done
  { iptables -F KUBE-FIREWALL && iptables -X KUBE-FIREWALL; } 2>/dev/null || true
  iptables -D "${masquerade[@]}" 2>/dev/null || true
  for direction in -i -o; do iptables -D FORWARD "$direction" "$bridge" -j ACCEPT 2>/dev/null || true; done
  ip link del "$bridge" 2>/dev/null || true
  ip addr del "$node_address/32" dev lo 2>/dev/null || true
}
erase() { rm -rf "$engines"/kubernetes-v* "$engines/kubernetes-build.log" "$engines/go"; }
main "$@"
