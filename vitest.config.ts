import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    // Files share two cores with real servers and browsers: more workers only make tests slower.
    maxWorkers: 2,
    testTimeout: 15_000,
    hookTimeout: 30_000,
    unstubEnvs: true,
  },
})
