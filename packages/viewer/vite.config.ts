import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** A page of its own with a React of its own: H5Web's drawing needs an older one than the portal's pages. */
export default defineConfig({
  root: import.meta.dirname,
  base: "/viewer/",
  plugins: [react()],
  resolve: { dedupe: ["react", "react-dom", "scheduler"] },
  build: { target: "es2023", assetsInlineLimit: 0, emptyOutDir: true, chunkSizeWarningLimit: 3000 },
  server: { proxy: { "/api": "http://localhost:8080", "/color-scheme.js": "http://localhost:8080" } },
});
