// The laws of the house, per folder: app → features → editor | api | ui → lib.
// A later block replaces an earlier one for the same file, so each folder gets its full list.
import { existsSync, readdirSync } from "node:fs";
import { basename } from "node:path";
import { URL } from "node:url";
import eslint from "@eslint/js";
import reactHooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

const FLOORS = ["app", "features", "editor", "api", "ui", "lib"];
const featuresFolder = new URL("./src/features", import.meta.url);
const FEATURES = existsSync(featuresFolder) ? readdirSync(featuresFolder) : [];

const ban = (regex, message) => ({ regex, message });
const floors = (...names) =>
  ban(`^@/(${names.join("|")})(/|$)`, "The floors are app → features → editor | api | ui → lib: nothing imports upwards or sideways.");
const CLIMB = ban("\\.\\./\\.\\./", "Use the @/ alias instead of climbing two folders.");
const AROUND = ban(`^\\.\\./(${FLOORS.join("|")})(/|$)`, "Name another floor by its alias, @/floor.");
const EDITOR_DOOR = ban("^@/editor/(?!painting$).+", "The editor has one door, @/editor; its pixel arithmetic alone has @/editor/painting.");
const PAGE_LIBRARIES = ban(
  "^(react|react-dom|@mantine/.*|@tanstack/.*|@tabler/.*|openapi-fetch)(/|$)",
  "This floor is plain TypeScript: no React, no server client.",
);
const SIDE_FEATURES = ban("^@/features/", "Features never import each other; their own files are relative.");
const NEIGHBOURS = ban(`^\\.\\./(${FEATURES.join("|") || "none"})(/|$)`, "Features never import each other.");

const law = (files, ...patterns) => ({
  files,
  rules: { "no-restricted-imports": ["error", { patterns: [CLIMB, ...patterns] }] },
});

const KEBAB = /^[a-z0-9]+(-[a-z0-9]+)*(\.(test|d|config|worker))?\.(ts|tsx|js)$/;
const house = {
  rules: {
    "kebab-case-file": {
      create: (context) => ({
        Program(node) {
          if (!KEBAB.test(basename(context.filename))) context.report({ node, message: "File names are kebab-case." });
        },
      }),
    },
  },
};

const NO_DEFAULT = { selector: "ExportDefaultDeclaration", message: "No default exports: a name is the same everywhere." };

// eslint-disable-next-line no-restricted-syntax -- ESLint asks for a default export
export default tseslint.config(
  { ignores: ["dist", "node_modules", "src/api/schema.d.ts"] },
  eslint.configs.recommended,
  {
    files: ["**/*.{ts,tsx}"],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { "react-hooks": reactHooks },
    rules: {
      ...reactHooks.configs.recommended.rules,
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: { attributes: false } }],
      "@typescript-eslint/only-throw-error": ["error", { allow: [{ from: "package", package: "@tanstack/router-core", name: "Redirect" }] }],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      "@typescript-eslint/unbound-method": "off", // the query and testing libraries hand out bound functions
      "react-hooks/incompatible-library": "off", // no React compiler here
      "no-console": ["error", { allow: ["error"] }],
    },
  },
  {
    plugins: { house },
    rules: { "house/kebab-case-file": "error", "no-restricted-syntax": ["error", NO_DEFAULT] },
  },
  law(["src/app/**", "src/main.tsx"], EDITOR_DOOR),
  law(["src/features/**"], floors("app"), SIDE_FEATURES, NEIGHBOURS, EDITOR_DOOR, AROUND),
  law(["src/editor/**"], floors("app", "features", "api", "ui"), PAGE_LIBRARIES),
  law(
    ["src/editor/core/**"],
    floors("app", "features", "api", "ui", "editor"),
    PAGE_LIBRARIES,
    ban("^\\.\\./(tools|input|view|workers|index)", "The core knows nothing of tools, input, view and workers."),
  ),
  law(["src/api/**"], floors("app", "features", "editor", "ui"), AROUND),
  law(["src/ui/**"], floors("app", "features", "editor", "api"), AROUND),
  law(["src/starters/**"], floors("app", "features", "editor"), AROUND),
  law(["src/conversations/**"], floors("app", "features", "editor"), AROUND),
  law(["src/microtasks/**"], floors("app", "features"), EDITOR_DOOR, AROUND),
  law(["src/lib/**"], floors("app", "features", "editor", "api", "ui"), AROUND, PAGE_LIBRARIES),
  {
    files: ["src/editor/**"],
    rules: {
      "no-restricted-globals": ["error", ...["fetch", "XMLHttpRequest", "EventSource", "WebSocket", "localStorage", "sessionStorage"].map(
        (name) => ({ name, message: "The editor talks to nobody: its host hands it what it needs." }),
      )],
    },
  },
);
