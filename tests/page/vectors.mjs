// The test vectors in Node: `node vectors.mjs FOLDER CODE SUITE`. FOLDER is Pyodide's package, CODE the modules in ZIP,
// SUITE the vectors in tar.bz2. It prints what page/desk.py says of itself, and of the vectors.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [folder, code, suite] = process.argv.slice(2);
const octets = (path) => new Uint8Array(readFileSync(path));
const { loadPyodide } = await import(pathToFileURL(`${folder}/pyodide.mjs`));
const pyodide = await loadPyodide({ indexURL: folder });
pyodide.unpackArchive(octets(code), "zip", { extractDir: "/lib/ecpure" });
pyodide.unpackArchive(octets(suite), "xztar", { extractDir: "/lib/ecpure/ecpure/vectors" });
pyodide.runPython("import sys; sys.path.insert(0, '/lib/ecpure')");
console.log(pyodide.pyimport("page.desk").about());
console.log(pyodide.pyimport("page.desk").run_vectors(() => undefined));
