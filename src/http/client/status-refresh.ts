import { patchStatus } from './status-patch.js'

export interface Refresh {
  /** All of the view, as the address says it. */
  readonly all: () => void
  /** The rows of these trackers, soon: what happens together is fetched together. */
  readonly some: (ids: readonly string[]) => void
}

/** So many rows at once are no fewer bytes than the page. */
const MOST_IDS = 100
const GATHER_MS = 400

/** Fetches what has changed, one request at a time, the newest wish last. `onDone` is told whether it worked. */
export function createRefresh(onDone: (worked: boolean) => void): Refresh {
  let wantsAll = false
  const ids = new Set<string>()
  let running = false
  let gathering: ReturnType<typeof setTimeout> | undefined

  const run = async (): Promise<void> => {
    if (running) return
    running = true
    let worked = true
    while (worked && (wantsAll || ids.size > 0)) {
      const wanted = wantsAll || ids.size > MOST_IDS ? null : [...ids]
      wantsAll = false
      ids.clear()
      worked = await fetchInto(wanted, () => {
        wantsAll = true
      })
      // What could not be fetched is part of all that is fetched next.
      if (!worked) wantsAll = true
    }
    running = false
    onDone(worked)
  }
  return {
    all: () => {
      wantsAll = true
      void run()
    },
    some: (more) => {
      for (const id of more) ids.add(id)
      clearTimeout(gathering)
      gathering = setTimeout(() => void run(), GATHER_MS)
    },
  }
}

async function fetchInto(ids: readonly string[] | null, onIncomplete: () => void): Promise<boolean> {
  const search = new URLSearchParams(location.search)
  search.set('fragment', 'rows')
  if (ids !== null) search.set('ids', ids.join(','))
  try {
    const response = await fetch(`/?${search}`)
    if (!response.ok) return false
    if (!patchStatus(await response.text()) && ids !== null) onIncomplete()
    return true
  } catch {
    return false
  }
}
