import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { TableHead } from '../../src/http/pages/table-head.js'

const http = fileURLToPath(new URL('../../src/http/', import.meta.url))

it('the head of a table has its titles in order, those of numbers to the right', () => {
  expect(String(TableHead({ titles: ['List'], numbers: ['Trackers'], last: ['Files'] }))).toBe(
    '<thead><tr><th scope="col">List</th><th scope="col" class="num">Trackers</th><th scope="col">Files</th></tr></thead>',
  )
})

it('no other page has a head of its own but the one whose columns can be sorted', () => {
  const files = readdirSync(http, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.tsx'))
  const own = files.filter((file) => readFileSync(join(http, file), 'utf8').includes('<thead'))
  expect(own.toSorted()).toEqual(['pages/status-table.tsx', 'pages/table-head.tsx'])
})
