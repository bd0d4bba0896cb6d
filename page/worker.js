// The side thread: Python, started from what the page hands over. Pyodide's own script is before this one. Every message
// has an id, and gets one answer.
"use strict";

const DATA = "https://embedded.invalid/"; // never asked for: the two requests of Pyodide's loader are answered here
let desk, pyodide;

const tasks = {
  async start({ parts, info }) {
    const files = {
      "pyodide.asm.wasm": [parts.wasm, "application/wasm"],
      "python_stdlib.zip": [parts.stdlib, "application/zip"],
    };
    self.fetch = async (request) => {
      const [octets, type] = files[String(request).slice(DATA.length)];
      return new Response(octets, { headers: { "content-type": type } });
    };
    const lockFileContents = { info, packages: {} };
    const { createPyodideModule } = self;
    pyodide = await self.loadPyodide({ indexURL: DATA, packageBaseUrl: DATA, createPyodideModule, lockFileContents });
    pyodide.unpackArchive(parts.code, "zip", { extractDir: "/lib/ecpure" });
    pyodide.runPython("import sys; sys.path.insert(0, '/lib/ecpure'); sys.setrecursionlimit(500)");
    desk = pyodide.pyimport("page.desk");
    return desk.about();
  },

  async judge({ names, contents, answers }) {
    const given = [names, contents, new Map(answers)].map((value) => pyodide.toPy(value));
    try {
      return desk.judge(...given);
    } finally {
      for (const proxy of given) proxy.destroy();
    }
  },

  async run({ text }) {
    return desk.console.run(text);
  },

  async vectors({ suite }, tell) {
    if (suite) pyodide.unpackArchive(suite, "xztar", { extractDir: "/lib/ecpure/ecpure/vectors" });
    return desk.run_vectors((done, total) => tell({ done, total }));
  },
};

self.onmessage = async ({ data: { id, task, ...given } }) => {
  try {
    self.postMessage({ id, result: await tasks[task](given, (progress) => self.postMessage({ id, progress })) });
  } catch (error) {
    self.postMessage({ id, error: String(error) });
  }
};
