#!/bin/sh
# Writes akka-api-1.5.30.txt anew: of the full list of Akka.NET's public and protected members (the argument), the lines that the embedded
# runtime has too. Run it after adding a member, then see the difference with git.
set -eu
[ $# -eq 1 ] || { echo "usage: $0 FULL-LIST" >&2; exit 2; }
AKKA_API_FULL_LIST=$(realpath "$1")
export AKKA_API_FULL_LIST
cd "$(dirname "$0")/.."
exec dotnet test --nologo --filter FullyQualifiedName~Regenerate_the_list_when_told_to
