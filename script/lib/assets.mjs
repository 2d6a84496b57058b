// Copies the pinned scripts out of node_modules, puts a page's scripts into one file, draws the icon sprite and
// writes the manifest.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

const modules = process.argv[2];
const esbuild = createRequire(resolve(modules, "index.js"))("esbuild");
const vendor = "flask_app/static/vendor";
const own = "flask_app/static/js";
const built = "flask_app/static/built";
const target = "es2020";
const browsers = ["chrome105", "firefox110", "safari15.4"]; // the first with all that the style sheet is written with
const sha256 = (content) => createHash("sha256").update(content).digest("hex");
const read = (name, path) => readFileSync(join(modules, name, path), "utf8");
const described = (name) => {
  const { version, license } = JSON.parse(read(name, "package.json"));
  return { name, version, licence: license };
};

// The client without the one transport that the server does not speak is 0.6 KB smaller (gz).
async function socketClient() {
  const { outputFiles } = await esbuild.build({
    stdin: { contents: 'export { io } from "socket.io-client";', resolveDir: resolve(modules) },
    bundle: true, minify: true, write: false, format: "iife", globalName: "SocketIO", target, legalComments: "inline",
    footer: { js: "var io=SocketIO.io;" },
    plugins: [{
      name: "without-webtransport",
      setup: (build) => build.onLoad({ filter: /transports\/webtransport\.js$/ }, () => ({ contents: "export class WT {}" })),
    }],
  });
  return outputFiles[0].text;
}

// One script after the other, each in a scope of its own, as if a page had loaded them all.
function joined(names) {
  const shrunk = names.map((name) => esbuild.transformSync(readFileSync(join(own, `${name}.js`), "utf8"), { minify: true, target }).code);
  return shrunk.join("");
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
  ["socket.io-client", `${vendor}/socket.io.min.js`, await socketClient()],
  ["lucide-static", "flask_app/static/icons.svg", sprite()],
  ["axe-core", "tests/e2e/vendor/axe.min.js", read("axe-core", "axe.min.js")],
];
for (const [, path, content] of files) writeFileSync(path, content);

const libraries = files.slice(0, 2).map(([, , content]) => `${content.trim().replace(/;?$/, ";")}\n`);
const outputs = [
  [`${built}/theme.js`, joined(["theme"])],
  [`${built}/app.js`, libraries.join("") + joined(["format", "dialogs", "main", "picks", "keys", "channel", "live", "sections", "rows"])],
  [`${built}/worker.js`, joined(["channel", "worker"])],
];

const licences = ["htmx.org", "idiomorph", "socket.io-client", "lucide-static", "tailwindcss"];
const notices = licences.map((name) => `${name}\n${"=".repeat(name.length)}\n${read(name, "LICENSE").trim()}\n`);
outputs.push([`${vendor}/LICENSES.txt`, notices.join("\n\n")]);
mkdirSync(built, { recursive: true });
for (const [path, content] of outputs) writeFileSync(path, content);

const css = "flask_app/static/css/output.css";
const styles = esbuild.transformSync(readFileSync(css, "utf8"), { loader: "css", minify: true, target: browsers });
writeFileSync(css, styles.code);
const manifest = {
  vendored: files.map(([name, path, content]) => ({ ...described(name), path, sha256: sha256(content) })),
  built: {
    with: ["tailwindcss", "esbuild"].map(described),
    files: [[css, readFileSync(css)], ...outputs].map(([path, content]) => ({ path, sha256: sha256(content) })),
    sources_sha256: sourcesDigest(),
  },
};
writeFileSync(`${vendor}/manifest.json`, `${JSON.stringify(manifest, null, 2)}\n`);
