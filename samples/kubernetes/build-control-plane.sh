#!/usr/bin/env bash
# Builds etcd, kube-apiserver, kube-controller-manager and kube-scheduler from Go modules, for `./mvnw verify -Preal-kubernetes`.
#
#   samples/kubernetes/build-control-plane.sh [DIRECTORY]        (default: ~/.cache/scepsy/kubernetes-VERSION)
#   export KUBEBUILDER_ASSETS=DIRECTORY
#
# It needs Go (as new as the Kubernetes version asks for), a Go module proxy (GOPROXY), 6 GB of disk and, on two cores, some 20 minutes
# the first time. What is there already is not built again. Without Go, the same programs can be had ready built:
#
#   etcd and kube-apiserver         setup-envtest use 1.36.x        (sigs.k8s.io/controller-runtime/tools/setup-envtest)
#   all four of Kubernetes          https://dl.k8s.io/v1.36.3/kubernetes-server-linux-amd64.tar.gz, folder kubernetes/server/bin
#   etcd                            https://github.com/etcd-io/etcd/releases
#
# setup-envtest brings no controller manager and no scheduler: without these the tests that need pods say NOT RUN.
#
# Environment: KUBERNETES_VERSION (default 1.36.3), ETCD_VERSION (default: the one that this Kubernetes requires).
set -euo pipefail

version=${KUBERNETES_VERSION:-1.36.3}
target=${1:-${KUBEBUILDER_ASSETS:-${XDG_CACHE_HOME:-$HOME/.cache}/scepsy/kubernetes-$version}}
case $version in
  1.*) staging=0.${version#1.} ;;
  *) echo "KUBERNETES_VERSION is a version such as 1.36.3, not '$version'." >&2; exit 2 ;;
esac
if ! command -v go >/dev/null; then
  echo "There is no go on the PATH. Install Go (https://go.dev/dl), or fetch the programs ready built: see the head of $0." >&2
  exit 3
fi
mkdir -p "$target"
target=$(cd "$target" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# In the module cache k8s.io/kubernetes points at ./staging, which no module holds: every staging module is replaced by its release.
module() {
  mkdir -p "$work/control-plane"
  cd "$work/control-plane"
  local mod
  if ! mod=$(go mod download -json "k8s.io/kubernetes@v$version" | sed -n 's/^[[:space:]]*"GoMod": "\(.*\)",*$/\1/p') || [[ -z $mod ]]; then
    echo "The module k8s.io/kubernetes v$version cannot be had from GOPROXY=$(go env GOPROXY)." >&2
    exit 4
  fi
  {
    printf 'module control-plane\n\ngo %s\n\n' "$(sed -n 's/^go //p' "$mod")"
    sed -n '/^godebug/p' "$mod"
    printf 'require k8s.io/kubernetes v%s\n\n' "$version"
    sed -n '/^require (/,/^)/p' "$mod" | sed "s# v0\.0\.0\$# v$staging#"
    sed -n 's#^[[:space:]]*\(k8s\.io/[^ ]*\) => \./staging/.*#replace \1 => \1 v'"$staging"'#p' "$mod"
  } > go.mod
  cat > programs.go <<'GO'
//go:build programs

package programs

import (
	_ "k8s.io/kubernetes/cmd/kube-apiserver"
	_ "k8s.io/kubernetes/cmd/kube-controller-manager"
	_ "k8s.io/kubernetes/cmd/kube-scheduler"
)
GO
}

built() { [[ -x $target/$1 ]] && "$target/$1" --version 2>/dev/null | grep -qF "${2:-}"; }

build() {
  local program=$1 package=$2
  shift 2
  echo "Building $program ..." >&2
  CGO_ENABLED=0 go build -mod=mod -trimpath "$@" -o "$target/$program.part" "$package"
  mv "$target/$program.part" "$target/$program"
}

wanted=()
for program in kube-apiserver kube-controller-manager kube-scheduler; do
  built "$program" "v$version" || wanted+=("$program")
done
if ((${#wanted[@]})); then
  module
  stamp="-X k8s.io/component-base/version.gitVersion=v$version -X k8s.io/component-base/version.gitMajor=1"
  stamp+=" -X k8s.io/component-base/version.gitMinor=$(cut -d. -f2 <<<"$version") -X k8s.io/component-base/version.gitTreeState=clean"
  for program in "${wanted[@]}"; do
    build "$program" "k8s.io/kubernetes/cmd/$program" -ldflags "-s -w $stamp"
  done
fi

if ! built etcd "${ETCD_VERSION:+$ETCD_VERSION}"; then
  [[ -f $work/control-plane/go.mod ]] || module
  etcd=${ETCD_VERSION:-$(sed -n 's#^[[:space:]]*go\.etcd\.io/etcd/server/v3 v\([^ ]*\).*#\1#p' "$work/control-plane/go.mod" | head -1)}
  mkdir -p "$work/etcd"
  cd "$work/etcd"
  go mod init etcd-program >/dev/null 2>&1
  go get "go.etcd.io/etcd/server/v3@v$etcd"
  build etcd go.etcd.io/etcd/server/v3 -ldflags '-s -w'
fi

for program in etcd kube-apiserver kube-controller-manager kube-scheduler; do
  echo "$("$target/$program" --version | head -1)  $target/$program" >&2
done
echo "export KUBEBUILDER_ASSETS=$target"
