#!/bin/sh
# Prints the path of a Python that Xinzhi can run on (3.11 to 3.14), or says what to do. PYTHON=/path chooses one.
set -eu

found=""
for name in ${PYTHON:-} python3 python3.13 python3.12 python3.11 python3.14; do
    command -v "$name" >/dev/null 2>&1 || continue
    # A name may stand for nothing (pyenv's shims): ask it, and use the real path it answers with.
    answer=$("$name" -c 'import sys; print("%d %d %s" % (sys.version_info[0], sys.version_info[1], sys.executable))' 2>/dev/null) || continue
    major=${answer%% *}
    rest=${answer#* }
    minor=${rest%% *}
    if [ "$major" -eq 3 ] && [ "$minor" -ge 11 ] && [ "$minor" -le 14 ]; then
        printf '%s\n' "${rest#* }"
        exit 0
    fi
    found="$found $name is $major.$minor,"
done

{
    if [ -n "$found" ]; then
        printf 'Xinzhi needs Python 3.11, 3.12, 3.13 or 3.14, and here%s too old or too new.\n' "${found%,}"
    else
        printf 'Xinzhi needs Python 3.11 or newer, and there is no python3 on this machine.\n'
    fi
    printf 'Install one (Debian, Ubuntu: apt install python3 python3-venv), or name one: PYTHON=/path/to/python3.11 make run\n'
} >&2
exit 1
