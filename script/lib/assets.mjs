// Copies the pinned scripts out of node_modules, draws the icon sprite and writes the manifest.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const modules = process.argv[2];
const vendor = "flask_app/static/vendor";
const sha256 = (content) => createHash("sha256").update(content).digest("hex");
const read = (name, path) => readFileSync(join(modules, name, path), "utf8");
const described = (name) => {
  const { version, license } = JSON.parse(read(name, "package.json"));
  return { name, version, licence: license };
};

// The module build is 1.9 KB smaller (gz) than the ES5 one; a page wants a plain script with one global.
function asScript(module) {
  const exported = /export\{([^}]*)\};?/.exec(module);
  const io = /([\w$]+) as io\b/.exec(exported[1])[1];
  const body = module.slice(0, exported.index).replace("/*!", "/*! Wrapped as a plain script by script/assets.");
  return `var io=(()=>{${body};return ${io}})();\n`;
}

function sprite() {
  const names = readFileSync("script/lib/icons.txt", "utf8").trim().split("\n");
  const symbols = names.map((name) => {
    const [, shapes] = /<svg[^>]*>([\s\S]*)<\/svg>/.exec(read("lucide-static", `icons/${name}.svg`));
    const inner = shapes.trim().replace(/\s*\n\s*/g, "").replace(/ \/>/g, "/>");
    return `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-linecap="round" stroke-linejoin="round">${inner}</symbol>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg"><!-- lucide, ISC -->\n${symbols.join("\n")}\n</svg>\n`;
}

function walk(folder, suffix) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true }).map((name) => join(folder, name)).filter((path) => path.endsWith(suffix));
}

// tests/test_house.py computes the same digest, so a forgotten rebuild is noticed without Node.
function sourcesDigest() {
  const paths = ["tailwind.config.js", "flask_app/static/css/input.css",
    ...walk("flask_app/templates", ".html"), ...walk("flask_app/static/js", ".js")].sort();
  const hash = createHash("sha256");
  for (const path of paths) hash.update(`${path}\0`).update(readFileSync(path)).update("\0");
  return hash.digest("hex");
}

const files = [
  ["htmx.org", `${vendor}/htmx.min.js`, read("htmx.org", "dist/htmx.min.js")],
  ["idiomorph", `${vendor}/idiomorph-ext.min.js`, read("idiomorph", "dist/idiomorph-ext.min.js")],
  ["socket.io-client", `${vendor}/socket.io.min.js`, asScript(read("socket.io-client", "dist/socket.io.esm.min.js"))],
  ["lucide-static", "flask_app/static/icons.svg", sprite()],
  ["axe-core", "tests/e2e/vendor/axe.min.js", read("axe-core", "axe.min.js")],
];
for (const [, path, content] of files) writeFileSync(path, content);

const licences = ["htmx.org", "idiomorph", "socket.io-client", "lucide-static", "tailwindcss"];
const notices = licences.map((name) => `${name}\n${"=".repeat(name.length)}\n${read(name, "LICENSE").trim()}\n`);
writeFileSync(`${vendor}/LICENSES.txt`, notices.join("\n\n"));

const css = "flask_app/static/css/output.css";
const manifest = {
  vendored: files.map(([name, path, content]) => ({ ...described(name), path, sha256: sha256(content) })),
  built: { ...described("tailwindcss"), path: css, sha256: sha256(readFileSync(css)), sources_sha256: sourcesDigest() },
};
writeFileSync(`${vendor}/manifest.json`, `${JSON.stringify(manifest, null, 2)}\n`);
