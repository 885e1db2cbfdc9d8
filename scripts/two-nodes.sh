#!/bin/sh
# Two machines on one: namespaces with a network and a host name of their own, and a cable between them.
# What is written behind it runs in both, as one training. Needs root and Linux's iproute2.
#   scripts/two-nodes.sh train --recipe ssdlite320-small --data examples/bccd --out runs/two-nodes
#   PROCESSES=2 RATE=100mbit scripts/two-nodes.sh eval runs/two-nodes --data examples/bccd
set -eu

here=$(cd "$(dirname "$0")/.." && pwd)
a="singleshot-a-$$"
b="singleshot-b-$$"

remove() {
  ip netns delete "$a" 2>/dev/null || true
  ip netns delete "$b" 2>/dev/null || true
}
trap remove EXIT

ip netns add "$a"
ip netns add "$b"
ip link add cable netns "$a" type veth peer name cable netns "$b"
plug() {
  ip -n "$1" address add "$2/24" dev cable
  ip -n "$1" link set lo up
  ip -n "$1" link set cable up
  [ -z "${RATE:-}" ] || ip netns exec "$1" tc qdisc add dev cable root tbf rate "$RATE" burst 256kb latency 400ms
}
plug "$a" 10.77.0.1
plug "$b" 10.77.0.2

launch() {
  namespace=$1
  rank=$2
  shift 2
  ip netns exec "$namespace" unshare --uts sh -c 'hostname "$0" && exec "$@"' "node-$rank" \
    node "$here/packages/cli/bin/singleshot.mjs" launch \
    --nproc-per-node "${PROCESSES:-1}" --nnodes 2 --node-rank "$rank" --master-addr 10.77.0.1 -- "$@"
}

launch "$b" 1 "$@" &
second=$!
first_code=0
launch "$a" 0 "$@" || first_code=$?
second_code=0
wait "$second" || second_code=$?
echo "node 0 ended with $first_code, node 1 with $second_code" >&2
[ "$first_code" -eq 0 ] || exit "$first_code"
exit "$second_code"
