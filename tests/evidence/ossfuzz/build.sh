#!/bin/bash -eu
# Build a program for each fuzz target into $OUT, by OSS-Fuzz's own compile_python_fuzzer.
python3 -m pip install .

evidence="$PWD/tests/evidence"
export PYTHONPATH="$evidence:$PWD/tests/support:$PWD/tests/tools:$PWD/vectors"
package="$(cd / && python3 -c 'import os, ecpure; print(os.path.dirname(ecpure.__file__))')"

for name in $(python3 "$evidence/ossfuzz/fuzzer.py" --list); do
  cp "$evidence/ossfuzz/fuzzer.py" "$evidence/$name.py"
  # A refusal is held against the words of the package's sources: they have to be there as files, and so have seeds.
  compile_python_fuzzer "$evidence/$name.py" --hidden-import targets --hidden-import fuzz \
    --paths "$PWD" --hidden-import page.check --hidden-import page.p256 --collect-submodules ecpure \
    --add-data "$package:ecpure" --add-data "$PWD/docs/examples/files:docs/examples/files"
  rm "$evidence/$name.py"
done
