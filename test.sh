#!/usr/bin/env bash
# Installs what the tests need (Debian packages, as root), then builds and runs every test.
# The last line is `N passed, N failed, N skipped`; what was skipped says why in the output above it.
set -uo pipefail
cd "$(dirname "$0")"

packages=(conntrack coturn stun-client nftables iproute2 miniupnpd miniupnpc natpmpc avahi-daemon avahi-utils dbus python3-libtorrent postgresql netcat-openbsd)

missing=()
for package in "${packages[@]}"; do
  dpkg -s "$package" >/dev/null 2>&1 || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    export DEBIAN_FRONTEND=noninteractive
    if ! { apt-get update -qq && apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >/tmp/cs3103p2p-apt.log 2>&1; then
      echo "Could not install ${missing[*]}; the tests that need them are skipped:" && tail -n 5 /tmp/cs3103p2p-apt.log
    fi
  else
    echo "Not root, so these are not installed and the tests that need them are skipped: ${missing[*]}"
  fi
fi

dotnet build CS3103P2P.sln -c Release --nologo -v quiet || { echo "0 passed, 1 failed, 0 skipped"; exit 1; }

# The tests of the simulator run these scenarios; a failure says how to replay it.
export CS3103P2P_FRESH_SEED=${CS3103P2P_FRESH_SEED:-$(( (RANDOM << 15) | RANDOM ))}
echo "Simulation: seeds 1..10 and, fresh, for some 15 s, $CS3103P2P_FRESH_SEED..$(( CS3103P2P_FRESH_SEED + 9 ))"

log=$(mktemp)
trap 'rm -f "$log"' EXIT
dotnet test --solution CS3103P2P.sln -c Release --no-build --max-parallel-test-modules 2 --output Normal "$@" 2>&1 | tee "$log"
status=${PIPESTATUS[0]}

count() { grep -E "^ +$1: [0-9]+" "$log" | tail -n 1 | grep -oE '[0-9]+' | tail -n 1; }
failed=$(count failed)
if [ "$status" != 0 ] && [ "${failed:-0}" = 0 ]; then failed=1; fi
echo "$(count succeeded || true) passed, ${failed:-0} failed, $(count skipped || true) skipped"
exit "$status"
