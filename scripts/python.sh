#!/bin/sh
# Prints the Python to make the environments with: 3.13 (the functions' runtime on AWS), else another that has all wheels.
# A name on the PATH may be a shim that leads nowhere, so each is asked first.
for version in 3.13 3.12 3.14 3.11; do
  for python in "python$version" "$HOME/.pyenv/versions/$version".*/bin/python "/opt/python/$version"*/bin/python python3; do
    found=$("$python" -c 'import ensurepip, sys, venv; print("%d.%d" % sys.version_info[:2], sys.executable)' 2>/dev/null) || continue
    [ "${found%% *}" = "$version" ] && echo "${found#* }" && exit 0
  done
done
echo "Python 3.13 is needed (3.11, 3.12 and 3.14 will do for all but packages); say PYTHON=/path/to/python3.13" >&2
exit 1
