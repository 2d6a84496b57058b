// The design tokens as Tailwind names; the values of both themes stand in flask_app/static/css/input.css.
const token = (name) => `rgb(var(--${name}) / <alpha-value>)`;
const tokens = (...names) => Object.fromEntries(names.map((name) => [name, token(name)]));
const tone = (name) => ({ DEFAULT: token(name), solid: token(`${name}-solid`), soft: token(`${name}-soft`) });
const text = (size, line, weight, tracking) => [
  `${size / 16}rem`,
  { lineHeight: `${line / 16}rem`, fontWeight: weight, ...(tracking && { letterSpacing: tracking }) },
];
const unused = [
  "backdropBlur", "backdropFilter", "backgroundOpacity", "borderOpacity", "borderSpacing", "contain", "divideOpacity",
  "filter", "fontVariantNumeric", "gradientColorStops", "placeholderOpacity", "preflight", "ringColor", "ringOffsetColor",
  "ringOffsetWidth", "ringOpacity", "ringWidth", "scrollSnapType", "textOpacity", "touchAction", "transform",
];
const elevations = ["control", "card", "menu", "dialog"];

module.exports = {
  content: ["./flask_app/templates/**/*.html", "./flask_app/static/js/**/*.js"],
  // What no template uses would still cost its defaults in every style sheet.
  corePlugins: Object.fromEntries(unused.map((name) => [name, false])),
  darkMode: ["selector", '[data-theme="dark"]'],
  theme: {
    colors: {
      transparent: "transparent",
      current: "currentColor",
      white: "#ffffff",
      ...tokens(
        "canvas", "surface", "raised", "sunken", "line", "line-2", "edge", "ink", "ink-2", "ink-3",
        "accent", "accent-hover", "on-accent", "err-btn", "mark", "ok-quiet",
      ),
      info: tone("info"),
      ok: tone("ok"),
      warn: tone("warn"),
      error: tone("error"),
      neutral: tone("neutral"),
    },
    fontSize: {
      verdict: text(32, 38, 600, "-0.021em"),
      title: text(26, 32, 600, "-0.021em"),
      percent: text(44, 44, 600, "-0.04em"),
      figure: text(24, 32, 600, "-0.02em"),
      fact: text(20, 28, 600, "-0.015em"),
      section: text(15, 20, 600),
      name: text(14, 22, 600),
      body: text(14, 22, 400),
      row: text(13, 20, 400),
      label: text(12, 16, 500),
      axis: text(11, 16, 500),
      mono: text(12, 16, 400),
      log: text(12, 21, 400),
      touch: text(16, 24, 400),
    },
    fontWeight: { normal: 400, medium: 500, semibold: 600 },
    fontFamily: {
      sans: ["system-ui", "-apple-system", '"Segoe UI"', "Inter", "Roboto", "sans-serif"],
      mono: ["ui-monospace", '"SF Mono"', '"Cascadia Mono"', '"JetBrains Mono"', "Menlo", "Consolas", "monospace"],
    },
    borderRadius: { none: "0", bar: "2px", tag: "4px", control: "7px", panel: "10px", card: "12px", dialog: "16px", full: "9999px" },
    boxShadow: { none: "none", ...Object.fromEntries(elevations.map((name) => [name, `var(--shadow-${name})`])) },
    extend: {
      maxWidth: { content: "1096px", confirm: "440px", form: "880px" },
      width: { sidebar: "228px", action: "86px", toast: "360px", menu: "220px" },
      spacing: { 4.5: "1.125rem", 5.5: "1.375rem", 15: "3.75rem" },
      transitionTimingFunction: { DEFAULT: "ease-out" },
      transitionDuration: { DEFAULT: "120ms" },
      keyframes: {
        turn: { to: { transform: "rotate(360deg)" } },
        rise: { from: { opacity: "0", transform: "translateY(4px)" } },
      },
      animation: { turn: "turn 1.4s linear infinite", rise: "rise 160ms ease-out" },
    },
  },
};
