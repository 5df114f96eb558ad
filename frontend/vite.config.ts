import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const SERVER_PORT = process.env.PORT ?? "8000";

// eslint-disable-next-line no-restricted-syntax -- Vite asks for a default export
export default defineConfig({
  base: "/",
  plugins: [react()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  server: { proxy: { "/api": { target: `http://127.0.0.1:${SERVER_PORT}`, changeOrigin: false } } },
  build: { outDir: "dist", target: "es2022", chunkSizeWarningLimit: 400 },
  worker: { format: "es" },
  test: {
    // Plain TypeScript is tested in Node; a test that needs a page says so: // @vitest-environment jsdom
    environment: "node",
    setupFiles: ["./src/app/test-setup.ts"],
    include: ["src/**/*.test.{ts,tsx}"],
    css: false,
  },
});
