#!/bin/sh
# Prints the path of a Python for the environments: the newest of 3.11 to 3.14 on this machine.
# `sh scripts/python.sh 3.13` looks for that version alone (the functions' runtime on AWS).
# A name on the PATH may be a shim that starts nothing, so each candidate is started.
for version in ${1:-3.14 3.13 3.12 3.11}; do
  for python in "python$version" "$HOME/.pyenv/versions/$version".*/bin/python "/opt/python/$version"*/bin/python python3; do
    found=$("$python" -c 'import ensurepip, sys, venv; print("%d.%d" % sys.version_info[:2], sys.executable)' 2>/dev/null) || continue
    [ "${found%% *}" = "$version" ] && echo "${found#* }" && exit 0
  done
done
echo "Python ${1:-3.11, 3.12, 3.13 or 3.14} was not found; say PYTHON=/path/to/python3" >&2
exit 1
