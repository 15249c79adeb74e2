#!/bin/bash
# datapath.sh [ROUNDS [SECONDS]]: frames from memory through the switch to a port that discards them, on one core,
# by Open vSwitch with DPDK (one PMD thread) and by ours in turn.
#
# Prints CSV: case,unit,ours,stock,ratio (medians of the rounds; the ratio is the median of the rounds' ratios). CASES
# chooses cases. Needs root, openvswitch-switch-dpdk, librte-net-null, librte-net-pcap, python3 and 1.2 GB for huge pages.
#
#   f1 f1k f10k      one rule, so many flows, with Open vSwitch's exact-match (f10k: signature) cache
#   of3              three tables with 256 rules, 10,000 five-tuples, signature cache
#   m10 m100 m1000   so many flows put into the datapath, each with a mask of its own; no exact-match cache
#   p1000            the same with lengths of prefixes of source, destination and port
#   tse1000          an access list of three rules under an attack that provokes 1,000 masks
#   f1_upcall of3_upcall   nothing is cached: each packet is translated
set -eu -o pipefail
rounds=${1:-3} seconds=${2:-3}
cases=${CASES:-f1 f1k f10k of3 m10 m100 m1000 p1000 tse1000 f1_upcall of3_upcall}
here=$(dirname "$(readlink -f "$0")")
vswitchd=${VSWITCHD_DPDK:-/usr/lib/openvswitch-switch-dpdk/ovs-vswitchd-dpdk}

missing() { echo "datapath.sh: $1 is missing: $2" >&2; exit 1; }
[ "$(id -u)" = 0 ] || missing root "run it as root"
[ -x "$vswitchd" ] || missing "$vswitchd" "apt-get install openvswitch-switch-dpdk"
for driver in null pcap; do
  ls /usr/lib/*/dpdk/pmds-*/librte_net_$driver.so* >/dev/null 2>&1 ||
    missing "DPDK's net_$driver" "apt-get install librte-net-${driver}23"
done
ours=$(cd "$here/../.." && cargo bench --no-run --bench vs_ovs_datapath --message-format=json 2>/dev/null |
  sed -n 's/.*"executable":"\([^"]*vs_ovs_datapath[^"]*\)".*/\1/p')
[ -x "$ours" ] || missing "our benchmark" "cargo bench --no-run --bench vs_ovs_datapath"

dir=$(mktemp -d)
export OVS_RUNDIR=$dir OVS_LOGDIR=$dir OVS_DBDIR=$dir OVS_SYSCONFDIR=$dir
pages=$(cat /proc/sys/vm/nr_hugepages)
stop() {
  for pid in "$dir"/vswitchd.pid "$dir"/ovsdb.pid; do [ ! -s "$pid" ] || kill -CONT "$(cat "$pid")" 2>/dev/null || true; kill "$(cat "$pid")" 2>/dev/null || true; done
  sleep 0.5
  echo "$pages" >/proc/sys/vm/nr_hugepages
  rm -rf "$dir"
}
trap stop EXIT
[ "$pages" -ge 600 ] || echo 600 >/proc/sys/vm/nr_hugepages

capture() { [ -s "$dir/$1.pcap" ] || python3 "$here/mkpcap.py" "$dir/$1.pcap" "${@:2}"; }
capture f1 1024 flows 1; capture f1k 10000 flows 1000; capture f10k 10000 flows 10000; capture of3 10000 rules 10000
for n in 10 100 1000; do capture m$n 10000 masks $n; done
capture p1000 10000 prefixes 1000; capture tse1000 10000 attack 10

db=unix:$dir/db.sock
vsctl() { ovs-vsctl --db="$db" "$@"; }
appctl() { ovs-appctl -t "$dir/vswitchd.ctl" "$@"; }
ofctl() { ovs-ofctl -O OpenFlow13 "$1" "unix:$dir/br0.mgmt" "${@:2}"; }
{
  ovsdb-tool create "$dir/conf.db" /usr/share/openvswitch/vswitch.ovsschema
  ovsdb-server "$dir/conf.db" --remote="p$db" --unixctl="$dir/ovsdb.ctl" --pidfile="$dir/ovsdb.pid" \
    --log-file="$dir/ovsdb.log" --detach -vconsole:off
  vsctl --no-wait init -- set Open_vSwitch . other_config:dpdk-init=true other_config:dpdk-lcore-mask=0x1 \
    other_config:pmd-cpu-mask=0x2 other_config:dpdk-socket-mem=600 other_config:n-handler-threads=1 \
    other_config:n-revalidator-threads=1 "other_config:dpdk-extra=\"--no-pci --file-prefix=$(basename "$dir")\""
  "$vswitchd" "$db" --unixctl="$dir/vswitchd.ctl" --pidfile="$dir/vswitchd.pid" --log-file="$dir/vswitchd.log" \
    --detach -vconsole:off
  vsctl add-br br0 -- set bridge br0 datapath_type=netdev fail_mode=secure
  vsctl add-port br0 out -- set Interface out type=dpdk ofport_request=2 options:dpdk-devargs=net_null1,no-rx=1
} >&2

port=10
input() {
  port=$((port + 1))
  vsctl --if-exists del-port br0 in
  vsctl add-port br0 in -- set Interface in type=dpdk ofport_request=1 \
    options:dpdk-devargs="net_pcap$port,rx_pcap=$dir/$1.pcap,infinite_rx=1"
}
caches() { vsctl set Open_vSwitch . other_config:emc-insert-inv-prob="$1" other_config:smc-enable="$2"; }
flow_limit() {
  vsctl set Open_vSwitch . other_config:flow-limit="$1"
  appctl upcall/set-flow-limit "$1" >/dev/null
}
rules() {
  ofctl del-flows
  case $1 in
  of3*)
    for i in $(seq 0 49); do
      printf 'table=0,priority=10,in_port=1,dl_src=02:00:00:02:00:%02x,actions=goto_table:1\n' "$i"
    done >"$dir/rules"
    for i in $(seq 0 99); do
      printf 'table=1,priority=10,dl_dst=02:00:00:01:00:%02x,actions=write_metadata:%d,goto_table:2\n' "$i" $((i + 1))
      echo "table=2,priority=20,ip,nw_dst=11.$i.0.0/16,actions=output:2"
    done >>"$dir/rules"
    for i in 80 443 53 22 8080; do echo "table=2,priority=30,udp,tp_dst=$i,actions=output:2"; done >>"$dir/rules"
    echo "table=2,priority=1,actions=drop" >>"$dir/rules" ;;
  tse*)
    printf '%s\n' 'priority=30,in_port=1,udp,tp_dst=80,actions=output:2' \
      'priority=20,in_port=1,ip,nw_src=10.0.0.1,actions=output:2' \
      'priority=10,in_port=1,udp,tp_src=12345,actions=output:2' 'priority=1,actions=drop' >"$dir/rules" ;;
  *) echo 'in_port=1,udp,actions=output:2' >"$dir/rules" ;;
  esac
  ofctl add-flows "$dir/rules"
}
# Flows with masks of their own, put into the datapath while misses install nothing.
inject() {
  number() { appctl dpif/show | awk -v name="$1" '$1 == name { split($2, a, "/"); sub(":", "", a[2]); print a[2] }'; }
  python3 "$here/mkpcap.py" "$dir/prefixes" 0 prefixes 1000
  python3 /dev/fd/3 "$1" "$(number in)" "$(number out)" 3<<'PY' >"$dir/flows" <"$dir/prefixes"
import sys
case, here, there = sys.argv[1:]
ip = lambda n: ".".join(str(n >> s & 255) for s in (24, 16, 8, 0))
mac = lambda n: ":".join("%02x" % (n >> s & 255) for s in (40, 32, 24, 16, 8, 0))
def add(src, dst, ip_src, ip_dst, ports):
    both = lambda show, pair: f"{show(pair[0] & pair[1])}/{show(pair[1])}"
    print(f"add in_port({here}),packet_type(ns=0,id=0),eth(src={both(mac, src)},dst={both(mac, dst)}),eth_type(0x0800),"
          f"ipv4(src={both(ip, ip_src)},dst={both(ip, ip_dst)},proto=17,frag=no),udp({ports}) {there}")
if case[0] == "m":
    for i in range(int(case[1:])):
        one = (1 << 24, 1 << 24)
        add((0x020000000001, 0xff0000000000 | i // 32 << 8), (0x020000000002, 0xff0000000000 | i % 32 << 8), one, one,
            f"dst={1000 + i}")
else:
    mask = lambda length, bits: (1 << length) - 1 << (bits - length)
    for line in sys.stdin:
        src, src_len, dst, dst_len, port, port_len = map(int, line.split())
        add((0, 0), (0, 0), (src, mask(src_len, 32)), (dst, mask(dst_len, 32)), f"dst={port:#x}/{mask(port_len, 16):#x}")
PY
  for _ in 1 2 3 4 5 6; do
    flow_limit 0; sleep 1.5; appctl dpctl/del-flows; appctl dpctl/add-flows "$dir/flows" >/dev/null 2>&1 || true
    flow_limit 200000; sleep 1.5
    n=$(appctl dpctl/dump-flows -m | awk '/^flow-dump from pmd/ { p = 1 } /^flow-dump from the main/ { p = 0 } p && /^ufid/' | wc -l)
    [ "$n" -lt "$(wc -l <"$dir/flows")" ] || return 0
  done
  echo "datapath.sh: only $n of $(wc -l <"$dir/flows") flows of $1 are in the datapath" >&2
}
received() { appctl dpif-netdev/pmd-stats-show | awk '/^pmd thread/ { p = 1 } /^main/ { p = 0 } p && /packets received/ { print $NF }'; }
stock() {
  case $1 in f10k | of3) caches 0 true ;; m* | p* | t* | *_upcall) caches 0 false ;; *) caches 1 false ;; esac
  rules "$1"; input "${1%_upcall}"
  case $1 in m* | p*) inject "$1" ;; *_upcall) flow_limit 0; sleep 1.5; appctl dpctl/del-flows ;; esac
  sleep 2
  local before after start end
  before=$(received); start=$(date +%s%N); sleep "$seconds"; after=$(received); end=$(date +%s%N)
  awk -v n=$((after - before)) -v t=$((end - start)) 'BEGIN { printf "%.3f\n", n * 1000 / t }'
  case $1 in m* | p*) appctl dpctl/del-flows ;; *_upcall) flow_limit 200000 ;; esac
}

for round in $(seq "$rounds"); do
  for case in $cases; do
    theirs=$(stock "$case")
    # The PMD thread polls whatever there is, so it has to pause.
    kill -STOP "$(cat "$dir/vswitchd.pid")"
    mine=$(taskset -c 1 "$ours" "$case" "$dir/${case%_upcall}.pcap" "$seconds")
    kill -CONT "$(cat "$dir/vswitchd.pid")"
    echo "round $round: $case: ours $mine, stock $theirs Mpps" >&2
    echo "$case $mine $theirs" >>"$dir/results"
  done
done
python3 - "$dir/results" <<'PY'
import statistics, sys
results = {}
for line in open(sys.argv[1]):
    case, ours, stock = line.split()
    results.setdefault(case, []).append((float(ours), float(stock)))
print("case,unit,ours,stock,ratio")
for case, rounds in results.items():
    ours, stock = (statistics.median(column) for column in zip(*rounds))
    print(f"{case},Mpps,{ours:.3f},{stock:.3f},{statistics.median(a / b for a, b in rounds if b):.2f}")
PY
