#!/usr/bin/env node
import { main } from './cli/main.js'

/** What is our own failure, and not a tracker's. */
const FAILURE = 3

let exitCode: number | undefined
let isOutputLost = false
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // The reader of a pipe may leave at any time (`| head`). A full disk loses results.
  if (error.code === 'EPIPE' || isOutputLost) return
  isOutputLost = true
  process.exitCode = FAILURE
  process.stderr.write(`trackerwatch: results cannot be written: ${error.message}\n`)
})
process.stderr.on('error', () => {}) // there is nowhere left to say so

// By itself Node ends with 1 for an error that nobody caught, which would say "some are not alive".
process.on('exit', (code) => {
  if (code === 1 && exitCode !== 1) process.exitCode = FAILURE
})

exitCode = await main(process.argv.slice(2), {
  // Opened only where it is read.
  get stdin() {
    return process.stdin
  },
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  isTTY: { stdout: process.stdout.isTTY === true, stderr: process.stderr.isTTY === true },
})
process.exitCode = isOutputLost ? FAILURE : exitCode
