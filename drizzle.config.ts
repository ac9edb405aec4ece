import { defineConfig } from 'drizzle-kit'

/** For `npx drizzle-kit generate --name what-it-does`. Add STRICT and WITHOUT ROWID to the new file by hand. */
export default defineConfig({
  dialect: 'sqlite',
  schema: './src/store/sqlite/schema.ts',
  out: './migrations/sqlite',
})
