import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  resolve: { dedupe: ["react", "react-dom", "scheduler"] },
  build: { target: "es2023", assetsInlineLimit: 0, emptyOutDir: true },
  server: { proxy: { "/api": "http://localhost:8080", "/auth": "http://localhost:8080" } },
});
