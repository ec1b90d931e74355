#!/bin/sh
# Makes sure that the real parts the tests run against are there: Redis, PostgreSQL, Chromium, xmlsec1, xmllint with the
# SAML schemas, oathtool, openssl, the AWS CLI, faketime, a keyring, zsh and fish. On Debian and Ubuntu it installs what is missing; elsewhere it says what to install and fails.
set -eu

has() { command -v "$1" >/dev/null 2>&1; }

# Debian keeps the server's programs out of PATH, one folder a version.
has_postgres() {
  for program in /usr/lib/postgresql/*/bin/initdb; do
    [ -x "$program" ] && return 0
  done
  [ ! -e /etc/debian_version ] && has initdb && has postgres
}

has_schemas() { [ -d /usr/share/xml/opensaml ] && [ -d /usr/share/xml/xmltooling ]; }

missing=''
need() { missing="$missing $1"; }

find_missing() {
  missing=''
  has redis-server && has redis-cli || need redis-server
  has_postgres && has psql || need postgresql
  has chromium || need chromium
  has xmlsec1 || need xmlsec1
  has xmllint || need libxml2-utils
  has_schemas || need 'opensaml-schemas xmltooling-schemas'
  has oathtool || need oathtool
  has openssl || need openssl
  has aws || need awscli
  has faketime || need faketime
  has gnome-keyring-daemon || need gnome-keyring
  has secret-tool || need libsecret-tools
  has dbus-run-session || need dbus
  has zsh || need zsh
  has fish || need fish
  has ssh-agent || need openssh-client
}

fail() {
  echo "test/prerequisites.sh: $1" >&2
  exit 1
}

find_missing
[ -z "$missing" ] && exit 0

echo "test/prerequisites.sh: the tests need these parts, which are missing:$missing" >&2
has apt-get || fail "install them (these are Debian's package names), then run the tests again"

as_root=''
if [ "$(id -u)" -ne 0 ]; then
  has sudo || fail "they are installed by apt-get, which needs root or sudo"
  as_root='sudo'
fi

export DEBIAN_FRONTEND=noninteractive
echo "test/prerequisites.sh: ${as_root:+$as_root }apt-get update" >&2
$as_root apt-get update -q >&2 || fail "apt-get update failed"
echo "test/prerequisites.sh: ${as_root:+$as_root }apt-get install$missing" >&2
# shellcheck disable=SC2086 # a list of words
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing >&2 ||
  fail "apt-get install failed"

find_missing
[ -z "$missing" ] || fail "still missing after the installation:$missing"
