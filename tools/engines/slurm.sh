#!/usr/bin/env bash
# A private Slurm of two nodes (both this machine) with its REST interface, beside whatever else runs here.
# SLURM_DBD=1 adds accounting; SLURM_PRIVATE=jobs hides jobs from other users; SLURM_CGROUP=0 does without cgroups;
# SLURM_NODE_TIMEOUT and SLURM_MIN_JOB_AGE are in seconds. They count at `up`; `restart` and `revive` keep what is.
name=slurm
. "$(dirname "$0")/lib.sh"
export SLURM_CONF=$folder/etc/slurm.conf
unset SLURM_JWT
port=16817 # the controller's; the nodes, the REST interface and accounting have the next ones
rest_port=$((port + 3)) accounting_port=$((port + 4)) database_port=$((port + 5))
rest_socket=$folder/rest/api.sock
people=(espi:21001 esother:21002)
rest_user=esrest rest_uid=21009

accounts() { grep -q '^AccountingStorageType=accounting_storage/slurmdbd' "$SLURM_CONF" 2>/dev/null; }
daemons=(slurmrestd slurmd-n1 slurmd-n2 slurmctld)
if accounts; then daemons+=(slurmdbd mariadbd); fi
daemons+=(munged)

version() { version_of slurmctld; }
address() { echo "http://127.0.0.1:$rest_port"; }

prepare() {
  packages slurmctld slurmd slurm-client slurmrestd munge slurm-wlm-basic-plugins slurm-wlm-jwt-plugin curl
  if [ -n "${SLURM_DBD:-}" ]; then packages slurmdbd slurm-wlm-mysql-plugin mariadb-server; fi
  local person
  for person in "${people[@]}" "$rest_user:$rest_uid"; do
    id "${person%:*}" >/dev/null 2>&1 ||
      useradd -M -U -d "$folder/home/${person%:*}" -s /bin/bash -u "${person#*:}" "${person%:*}"
  done
  mkdir -p "$folder"/{etc,run,log,spool,home,state,munge,ctld,rest,dbd,shared}
  chown slurm "$folder"/{state,ctld,dbd}
  chown "$rest_user" "$folder/rest"
  chmod 1777 "$folder/shared"
  chmod 700 "$folder/munge"
  for person in "${people[@]%:*}"; do install -d -m 700 -o "$person" -g "$person" "$folder/home/$person"; done
  (umask 077; for key in munge/key etc/jwt.key; do [ -s "$folder/$key" ] || head -c 128 /dev/urandom >"$folder/$key"; done)
  chown slurm "$folder/etc/jwt.key"
  configuration >"$SLURM_CONF.new"
  if cmp -s "$SLURM_CONF.new" "$SLURM_CONF"; then rm "$SLURM_CONF.new"; else halt; mv "$SLURM_CONF.new" "$SLURM_CONF"; fi
  cgroup_configuration >"$folder/etc/cgroup.conf"
  if accounts; then accounting_configuration; fi
}

configuration() {
  local host tracking=linuxproc task=none memory=OverMemoryKill
  host=$(hostname -s)
  if [ "${SLURM_CGROUP:-1}" = 1 ] && [ -w /sys/fs/cgroup/memory/tasks ] && [ -w /sys/fs/cgroup/freezer/tasks ]; then
    tracking=cgroup task=cgroup memory=UsePss # by which a job ends as OUT_OF_MEMORY
  fi
  cat <<C
ClusterName=endstation
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$port
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
SlurmUser=slurm
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$folder/run/munge.socket
AuthAltTypes=auth/jwt
AuthAltParameters=jwt_key=$folder/etc/jwt.key
StateSaveLocation=$folder/state
SlurmctldPidFile=$folder/ctld/slurmctld.pid
SlurmdPidFile=$folder/run/%n.pid
SlurmdSpoolDir=$folder/spool/%n
SlurmctldDebug=info
SlurmdDebug=info
ProctrackType=proctrack/$tracking
TaskPlugin=task/$task
MpiDefault=none
SwitchType=switch/none
PropagateResourceLimits=NONE
SlurmdParameters=config_overrides
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
DefMemPerCPU=64
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=0,sched_interval=1,bf_interval=10,bf_resolution=1,bf_window=1440
PriorityType=priority/basic
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
JobRequeue=1
SlurmctldTimeout=30
SlurmdTimeout=${SLURM_NODE_TIMEOUT:-10}
InactiveLimit=0
MessageTimeout=10
KillWait=2
CompleteWait=0
MinJobAge=${SLURM_MIN_JOB_AGE:-300}
ReturnToService=2
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=$memory
JobCompType=jobcomp/filetxt
JobCompLoc=$folder/ctld/jobcomp.txt
NodeName=n1 NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + 1)) CPUs=16 RealMemory=8000 State=UNKNOWN
NodeName=n2 NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + 2)) CPUs=16 RealMemory=8000 State=UNKNOWN
PartitionName=debug Nodes=n1 Default=YES MaxTime=60 DefaultTime=10 PriorityTier=1 State=UP
PartitionName=big Nodes=n[1-2] MaxTime=1440 DefaultTime=30 PriorityTier=1 State=UP
PartitionName=urgent Nodes=n[1-2] MaxTime=60 DefaultTime=10 PriorityTier=10 PreemptMode=OFF State=UP
PartitionName=closed Nodes=n[1-2] State=DOWN
C
  if [ -n "${SLURM_PRIVATE:-}" ]; then echo "PrivateData=$SLURM_PRIVATE"; fi
  if [ -n "${SLURM_DBD:-}" ]; then
    cat <<C
AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=127.0.0.1
AccountingStoragePort=$accounting_port
AccountingStoragePass=$folder/run/munge.socket
AccountingStorageEnforce=limits,qos
AccountingStoreFlags=job_comment
C
  else
    echo AccountingStorageType=accounting_storage/none
  fi
}
cgroup_configuration() {
  cat <<C
CgroupPlugin=cgroup/v1
CgroupMountpoint=/sys/fs/cgroup
CgroupAutomount=no
ConstrainRAMSpace=yes
AllowedRAMSpace=100
ConstrainSwapSpace=no
ConstrainCores=no
ConstrainDevices=no
C
}
accounting_configuration() {
  (
    umask 077
    cat >"$folder/etc/slurmdbd.conf" <<C
AuthType=auth/munge
AuthInfo=socket=$folder/run/munge.socket
DbdHost=localhost
DbdAddr=127.0.0.1
DbdPort=$accounting_port
SlurmUser=slurm
PidFile=$folder/dbd/slurmdbd.pid
StorageType=accounting_storage/mysql
StorageHost=127.0.0.1
StoragePort=$database_port
StorageUser=slurm
StoragePass=slurm
StorageLoc=slurm_acct_db
C
  )
  chown slurm "$folder/etc/slurmdbd.conf"
}

start() {
  daemon munged munged --foreground --force --key-file="$folder/munge/key" --seed-file="$folder/munge/seed" \
    --socket="$folder/run/munge.socket" --pid-file="$folder/run/munged.pid" --log-file="$folder/munge/log"
  wait_for 10 "munge" munge -n -S "$folder/run/munge.socket"
  if accounts; then start_accounting; fi
  daemon slurmctld slurmctld -D
  local node
  for node in n1 n2; do
    mkdir -p "$folder/spool/$node"
    daemon "slurmd-$node" slurmd -D -N "$node"
  done
  start_rest
  wait_for 20 "the controller" timeout 3 scontrol ping
  scontrol update nodename=n1,n2 state=resume >/dev/null 2>&1 || true # refused where nothing is down
  wait_for 40 "both nodes" both_nodes
}
both_nodes() { [ "$(sinfo -h -p big -o %D -t idle,mix,alloc)" = 2 ]; }
start_rest() {
  local interfaces=openapi/v0.0.38,openapi/v0.0.37,openapi/v0.0.36
  if accounts; then interfaces+=,openapi/dbv0.0.38; fi
  if ! alive slurmrestd; then rm -f "$rest_socket"; fi
  # It acts under the token that comes with each request; without one of its own it does not start.
  SLURM_JWT=daemon daemon slurmrestd setpriv --reuid "$rest_user" --regid "$rest_user" --clear-groups \
    slurmrestd -s "$interfaces" -a rest_auth/jwt "unix:$rest_socket" "127.0.0.1:$rest_port"
  wait_for 10 "the REST interface" test -S "$rest_socket"
  chmod 666 "$rest_socket"
}
start_accounting() {
  mkdir -p "$folder/db"
  chown mysql "$folder/db"
  if [ ! -d "$folder/db/data/mysql" ]; then
    step "Accounting database" mariadb-install-db --no-defaults --user=mysql --datadir="$folder/db/data" \
      --auth-root-authentication-method=socket --skip-test-db >"$folder/log/mariadb-install.log" 2>&1
  fi
  daemon mariadbd mariadbd --no-defaults --user=mysql --datadir="$folder/db/data" --socket="$folder/db/socket" \
    --pid-file="$folder/db/pid" --bind-address=127.0.0.1 --port="$database_port" \
    --innodb-buffer-pool-size=64M --innodb-lock-wait-timeout=900 --performance-schema=OFF
  wait_for 30 "the accounting database" mariadb -S "$folder/db/socket" -e "
    create database if not exists slurm_acct_db;
    create user if not exists slurm@'127.0.0.1' identified by 'slurm'; grant all on slurm_acct_db.* to slurm@'127.0.0.1';
    create user if not exists slurm@localhost identified by 'slurm'; grant all on slurm_acct_db.* to slurm@localhost"
  daemon slurmdbd slurmdbd -D
  wait_for 20 "accounting" timeout 5 sacctmgr -n list cluster
  sacctmgr -i add cluster endstation >/dev/null 2>&1 || true # refused where it is there
  sacctmgr -i add account portal cluster=endstation >/dev/null 2>&1 || true
  local person
  for person in "${people[@]%:*}" root; do
    sacctmgr -i add user "$person" account=portal cluster=endstation >/dev/null 2>&1 || true
  done
}

settings() {
  local person users=
  for person in "${people[@]}"; do users+="${users:+,}{\"name\":\"${person%:*}\",\"uid\":${person#*:}}"; done
  cat <<J
{
  "name": "slurm",
  "conf": "$SLURM_CONF",
  "restSocket": "$rest_socket",
  "restUrl": "http://127.0.0.1:$rest_port",
  "users": [$users],
  "bin": "/usr/bin",
  "shared": "$folder/shared",
  "accounting": $(accounts && echo true || echo false),
  "script": "$script"
}
J
}

end_sessions() {
  if ! alive slurmctld; then return; fi
  local person
  for person in "${people[@]%:*}" root; do timeout 10 scancel -f -u "$person" 2>/dev/null || true; done
  wait_for 8 "the end of all jobs" no_jobs || true
}
no_jobs() { [ -z "$(squeue -h)" ]; }
forget() { # steps of this cluster that nobody waits for any more
  local process
  for process in $(pgrep slurmstepd || true); do
    if grep -qzxF "SLURM_CONF=$SLURM_CONF" "/proc/$process/environ"; then kill -9 "$process"; fi
  done
}
erase() { local person; for person in "${people[@]%:*}" "$rest_user"; do userdel "$person" 2>/dev/null || true; done; }
main "$@"
