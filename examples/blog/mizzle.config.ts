import { defineConfig } from "mizzle-cli";

export default defineConfig({
  schema: "./src/schema.ts",
  out: "./migrations",
  endpoint: "local",
});
