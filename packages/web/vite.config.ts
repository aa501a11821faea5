import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** In development the portal behind it takes changes from its own pages only: it is told that these are its own. */
const portal = { target: "http://localhost:8080", headers: { origin: "http://localhost:8080" } };

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  resolve: { dedupe: ["react", "react-dom", "scheduler"] },
  build: { target: "es2023", assetsInlineLimit: 0, emptyOutDir: true },
  server: {
    proxy: { "/api": portal, "/auth": portal, "/readyz": portal, "/docs": portal, "/openapi.json": portal },
  },
});
